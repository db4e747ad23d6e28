using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>Finds accounts, as they are now.</summary>
public sealed class Accounts(IDbContextFactory<KeyPortalDb> contexts, TimeProvider clock)
{
    public async Task<IdentityUser> GetAsync(string userId, CancellationToken cancellationToken = default)
    {
        await using var db = contexts.CreateDbContext();
        return await db.Set<IdentityUser>().AsNoTracking().SingleAsync(u => u.Id == userId, cancellationToken);
    }

    /// <summary>Whatever its case; null when there is none.</summary>
    public async Task<IdentityUser?> FindByEmailAsync(string email, CancellationToken cancellationToken = default)
    {
        var normalized = email.ToUpperInvariant();
        await using var db = contexts.CreateDbContext();
        return await db.Set<IdentityUser>().AsNoTracking().SingleOrDefaultAsync(u => u.NormalizedEmail == normalized, cancellationToken);
    }

    /// <summary>Whose password this link may set; null for what is no link, used or too old.</summary>
    public async Task<IdentityUser?> FindByLinkAsync(SecretToken? link, CancellationToken cancellationToken = default)
    {
        if (link is null)
        {
            return null;
        }

        var (hash, now) = (link.Hash, clock.Now());
        await using var db = contexts.CreateDbContext();
        return await (from reset in db.Set<PasswordReset>()
                      join user in db.Set<IdentityUser>() on reset.UserId equals user.Id
                      where reset.TokenHash == hash && reset.UsedAt == null && reset.ExpiresAt > now
                      select user).AsNoTracking().SingleOrDefaultAsync(cancellationToken);
    }
}
