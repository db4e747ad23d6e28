using KeyPortal.Organizations;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>How old a key's secret should get before it is rotated: what the key says, else what the policy says.</summary>
public static class RotationAge
{
    /// <summary>A day.</summary>
    public const long LeastSeconds = 86_400;

    /// <summary>Ten years.</summary>
    public const long MostSeconds = 315_360_000;

    /// <summary>What the organization's policy says, in seconds; null for nothing.</summary>
    internal static Task<long?> OfPolicyAsync(KeyPortalDb db, string organizationId, CancellationToken cancellationToken) =>
        db.Set<Organization>().Where(o => o.Id == organizationId).Select(o => o.Policy.RotationAgeSeconds).SingleAsync(cancellationToken);
}
