using KeyPortal.Limits;

namespace KeyPortal.Keys.Policies;

/// <summary>Tells whether other tiers would add to what keys may do.</summary>
internal static class TierWidth
{
    /// <summary>
    /// Could a key do more with the wanted tiers than with the present ones? Only a limit that stays, or has a lower number, is taken for no wider: of other
    /// windows and algorithms nobody could say at once which is. A tier that goes is named by no key that works.
    /// </summary>
    public static bool Widens(TierList present, TierList wanted) =>
        present.Tiers.Any(tier => wanted.Find(tier.Name) is { } changed && Widens(tier, changed)) || Widens(present.Find(present.DefaultTier), wanted.Find(wanted.DefaultTier));

    private static bool Widens(LimitTier? before, LimitTier? after) =>
        before is not null && (before.RateLimits.Any(limit => after?.RateLimits.Any(kept => Bounds(kept, limit)) != true)
            || before.Quotas.Any(quota => quota.Mode == QuotaMode.Hard && after?.Quotas.Any(kept => Bounds(kept, quota)) != true));

    private static bool Bounds(RateLimit kept, RateLimit limit) => kept with { Limit = limit.Limit, WarnAtPercent = limit.WarnAtPercent } == limit && kept.Limit <= limit.Limit;

    private static bool Bounds(Quota kept, Quota quota) => kept with { Limit = quota.Limit, WarnAtPercent = quota.WarnAtPercent } == quota && kept.Limit <= quota.Limit;
}
