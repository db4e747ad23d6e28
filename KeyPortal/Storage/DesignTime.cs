using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace KeyPortal.Storage;

/// <summary>For <c>dotnet ef migrations add NAME -p KeyPortal -c SqliteDb -o Storage/Migrations/Sqlite</c>.</summary>
public sealed class SqliteDbDesign : IDesignTimeDbContextFactory<SqliteDb>
{
    public SqliteDb CreateDbContext(string[] args)
    {
        // Without the schema version the framework leaves its newer tables out, silently.
        var services = new ServiceCollection().Configure<IdentityOptions>(o => o.Stores.SchemaVersion = IdentitySchemaVersions.Version3).BuildServiceProvider();
        return new SqliteDb(new DbContextOptionsBuilder<SqliteDb>().UseSqlite().UseApplicationServiceProvider(services).Options);
    }
}

/// <summary>For <c>dotnet ef migrations add NAME -p KeyPortal -c SqliteUsageDb -o Storage/Migrations/SqliteUsage</c>.</summary>
public sealed class SqliteUsageDbDesign : IDesignTimeDbContextFactory<SqliteUsageDb>
{
    public SqliteUsageDb CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<SqliteUsageDb>().UseSqlite().Options);
}
