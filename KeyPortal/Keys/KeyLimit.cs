using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>The policy's bound on how many keys one member may own: those neither revoked nor expired count.</summary>
internal static class KeyLimit
{
    /// <summary>Refuses one more with <c>key_limit_reached</c>. It counts only inside the transaction that adds the key, or brings an expired one back.</summary>
    public static async Task<Refusal?> CheckAsync(KeyPortalDb db, ApiKey more, OrganizationPolicy policy, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var owned = await db.Set<ApiKey>().CountAsync(
            k => k.OrganizationId == more.OrganizationId && k.OwnerId == more.OwnerId && (k.RevokedAt == null || k.RevokedAt > now) && (k.ExpiresAt == null || k.ExpiresAt > now), cancellationToken);
        return owned < policy.KeysPerMember ? null : Refusal.Conflict("key_limit_reached",
            $"Your organization's policy allows {policy.KeysPerMember} keys a member, and {owned} are in use. Revoke one that is no longer needed, or ask an admin to raise the limit.");
    }
}
