using KeyPortal.Organizations;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>What an organization demands of its members' accounts, asked of those who act without a session: whoever has one showed a second factor for it, or did not.</summary>
public sealed class SecondFactorDemand(IDbContextFactory<KeyPortalDb> contexts)
{
    /// <summary>Does the organization demand a second factor that this member does not have?</summary>
    public async Task<bool> IsUnmetAsync(string organizationId, string userId, CancellationToken cancellationToken = default)
    {
        await using var db = contexts.CreateDbContext();
        return await db.Set<Organization>().AnyAsync(o => o.Id == organizationId && o.SecondFactorRequired
            && !db.Set<SecondFactor>().Any(f => f.UserId == userId && f.TotpSecret != null)
            && !db.Set<IdentityUserPasskey<string>>().Any(p => p.UserId == userId), cancellationToken);
    }
}
