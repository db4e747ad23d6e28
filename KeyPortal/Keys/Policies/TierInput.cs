using KeyPortal.Limits;

namespace KeyPortal.Keys.Policies;

/// <summary>One tier as it was typed or sent: nothing here is checked yet.</summary>
public sealed record TierInput(string? Name, string? Description = null, IReadOnlyList<RateLimitInput>? RateLimits = null, IReadOnlyList<QuotaInput>? Quotas = null)
{
    public static TierInput Of(LimitTier tier) => new(tier.Name, tier.Description, [.. tier.RateLimits.Select(RateLimitInput.Of)], [.. tier.Quotas.Select(QuotaInput.Of)]);
}

/// <summary>All tiers of an organization and the default among them, as they were typed or sent.</summary>
public sealed record TierListInput(IReadOnlyList<TierInput?> Tiers, string? DefaultTier)
{
    /// <summary>The tiers as they are, as something to be changed and sent back.</summary>
    public static TierListInput Of(TierList list) => new([.. list.Tiers.Select(TierInput.Of)], list.DefaultTier);
}
