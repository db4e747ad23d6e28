namespace KeyPortal.Limits;

/// <summary>A named set of limits that keys take from: change the tier, and all its keys follow.</summary>
public sealed record LimitTier(string Name, string Description, IReadOnlyList<RateLimit> RateLimits, IReadOnlyList<Quota> Quotas);

/// <summary>An organization's tiers, and the one that holds for keys that name none; null where such keys have their own limits alone.</summary>
public sealed record TierList(IReadOnlyList<LimitTier> Tiers, string? DefaultTier)
{
    public const string Unlimited = "unlimited";

    private const long Minute = 60;

    /// <summary>What an organization has until somebody changes it. No default: limits are never put on keys that nobody limited.</summary>
    public static readonly TierList Initial = new(
    [
        new LimitTier("free", "To try things out", [new RateLimit("burst", LimitAlgorithm.TokenBucket, 60, Minute, 80)], [new Quota(QuotaPeriod.Day, 10_000, QuotaMode.Hard, 80)]),
        new LimitTier("standard", "For most integrations", [new RateLimit("burst", LimitAlgorithm.TokenBucket, 600, Minute, 80)], [new Quota(QuotaPeriod.Month, 1_000_000, QuotaMode.Hard, 80)]),
        new LimitTier(Unlimited, "No limits", [], []),
    ], null);

    public LimitTier? Find(string? name) => name is null ? null : Tiers.FirstOrDefault(t => t.Name == name);
}
