using KeyPortal.Primitives;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Storage;

/// <summary>
/// The database of everything but usage: accounts, organizations, keys, audit. Names no entity: each room maps its own
/// with an <see cref="IEntityTypeConfiguration{TEntity}"/> and reads <c>db.Set&lt;T&gt;()</c>.
/// </summary>
public abstract class KeyPortalDb(DbContextOptions options) : IdentityUserContext<IdentityUser>(options)
{
    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.ApplyConfigurationsFromAssembly(typeof(KeyPortalDb).Assembly, type => !typeof(IMapsUsage).IsAssignableFrom(type));
    }
}

/// <summary>The database of usage alone, a file (or schema) of its own, so that counting and key management never wait on each other.</summary>
public abstract class UsageDb(DbContextOptions options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(UsageDb).Assembly, type => typeof(IMapsUsage).IsAssignableFrom(type));
}

/// <summary>Marks an entity mapping that belongs to <see cref="UsageDb"/>.</summary>
public interface IMapsUsage;
