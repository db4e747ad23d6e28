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

    /// <summary>
    /// Those of <paramref name="keys"/> whose secrets come to their age by <paramref name="at"/>, a query for each age there is: instants in the database are
    /// numbers and texts that SQL cannot add an age to.
    /// </summary>
    internal static async Task<IReadOnlyList<IQueryable<ApiKey>>> DueByAsync(IQueryable<ApiKey> keys, long? policyAge, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var ages = await keys.Select(k => k.RotationAgeSeconds ?? policyAge).Distinct().ToListAsync(cancellationToken);
        return [.. from age in ages
                   where age is not null
                   let madeBy = at.AddSeconds(-age.Value)
                   select keys.Where(k => (k.RotationAgeSeconds ?? policyAge) == age && (k.RotatedAt ?? k.CreatedAt) <= madeBy)];
    }

    /// <summary>What the organization's policy says, in seconds; null for nothing.</summary>
    internal static Task<long?> OfPolicyAsync(KeyPortalDb db, string organizationId, CancellationToken cancellationToken) =>
        db.Set<Organization>().Where(o => o.Id == organizationId).Select(o => o.Policy.RotationAgeSeconds).SingleAsync(cancellationToken);
}
