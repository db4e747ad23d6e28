namespace KeyPortal.Limits.Pages;

/// <summary>One limit that holds for a key, in words.</summary>
/// <param name="From">Where it comes from: <c>Its own</c>, <c>Tier free</c>.</param>
public sealed record EffectiveLimit(string Name, string Words, string From);

/// <summary>All limits that would hold for a key as its form stands now.</summary>
/// <param name="Lead">A sentence about where they come from.</param>
public sealed record EffectiveLimits(string Lead, IReadOnlyList<EffectiveLimit> All)
{
    public const string Own = "Its own";

    private const int Said = 2;

    /// <param name="named">The tier the key names; null for the organization's default.</param>
    public static EffectiveLimits Of(IReadOnlyList<RateLimit> rateLimits, IReadOnlyList<Quota> quotas, string? named, TierList tiers)
    {
        var (tier, standard) = (tiers.Find(named), tiers.Find(tiers.DefaultTier));
        var taken = tier ?? standard;
        var from = taken is null ? "" : From(taken.Name, isDefault: tier is null);
        string OwnOver(bool replaces) => replaces ? $"{Own}, in place of the tier's" : Own;
        return new EffectiveLimits(LeadOf(named, tier, standard, rateLimits.Count + quotas.Count > 0),
        [
            .. rateLimits.Select(own => new EffectiveLimit(own.Name, LimitWords.Of(own), OwnOver(taken?.RateLimits.Any(t => t.Name == own.Name) == true))),
            .. (taken?.RateLimits ?? []).Where(t => rateLimits.All(own => own.Name != t.Name)).Select(t => new EffectiveLimit(t.Name, LimitWords.Of(t), from)),
            .. quotas.Select(own => new EffectiveLimit(own.Name, LimitWords.Of(own), OwnOver(taken?.Quotas.Any(t => t.Period == own.Period) == true))),
            .. (taken?.Quotas ?? []).Where(t => quotas.All(own => own.Period != t.Period)).Select(t => new EffectiveLimit(t.Name, LimitWords.Of(t), from)),
        ]);
    }

    public static string From(string? tier, bool isDefault) => tier is null ? Own : isDefault ? $"Default tier {tier}" : $"Tier {tier}";

    /// <summary>The end of a sentence about a key: <c>, at most 600 calls a minute and 10,000 a day, with the limits of the tier free</c>; empty where nothing limits it.</summary>
    /// <param name="tiers">Null where they are not known.</param>
    public static string Clause(IReadOnlyList<RateLimit> rateLimits, IReadOnlyList<Quota> quotas, string? named, TierList? tiers)
    {
        var own = rateLimits.Count + quotas.Count;
        var (hard, soft) = (quotas.Where(q => q.Mode == QuotaMode.Hard).ToList(), quotas.Where(q => q.Mode == QuotaMode.Soft).ToList());
        var walls = rateLimits.Count + hard.Count;
        var atMost = rateLimits.Select((limit, i) => LimitWords.Amount(limit, i == 0 ? " calls" : "")).Concat(hard.Select((quota, i) => LimitWords.Amount(quota, rateLimits.Count + i == 0 ? " calls" : "")));
        return (own > Said ? $", with {own} limits of its own" : (walls > 0 ? ", at most " + string.Join(" and ", atMost) : "")
            + (soft.Count > 0 ? ", with warnings beyond " + string.Join(" and ", soft.Select((quota, i) => LimitWords.Amount(quota, i == 0 ? " calls" : ""))) : "")) + TierClause(named, tiers, own);
    }

    private static string TierClause(string? named, TierList? tiers, int own)
    {
        var limits = own > Said ? " and those" : ", with the limits";
        var tier = tiers?.Find(named ?? tiers.DefaultTier);
        return (named, tier) switch
        {
            (null, null) => "",
            (null, _) when !HasAny(tier) => "",
            (null, _) => $"{limits} of the default tier {tier.Name}",
            (_, not null) when !HasAny(tier) => own > 0 ? "" : ", without limits",
            _ => $"{limits} of the tier {named}",
        };
    }

    private static string LeadOf(string? named, LimitTier? tier, LimitTier? standard, bool hasOwn) => (tier, standard) switch
    {
        (null, not null) when named is not null => $"The tier {named} is no longer there; the key takes the limits of the default tier {standard.Name}.",
        (null, not null) when HasAny(standard) => $"The key names no tier, so it takes the limits of your organization's default tier {standard.Name}.",
        (null, _) => hasOwn ? "No tier adds to them: the key's own limits hold." : "No limits: calls with this key are never refused for their number.",
        (_, not null) when !HasAny(tier) && HasAny(standard) => $"The tier {tier.Name} sets no limits, and exempts the key from the default tier {standard.Name}." + (hasOwn ? " Its own limits hold." : ""),
        _ when !HasAny(tier) => $"The tier {tier.Name} sets no limits." + (hasOwn ? " The key's own hold." : ""),
        _ => $"The key takes the limits of the tier {tier.Name}, and follows when the tier is changed.",
    };

    private static bool HasAny(LimitTier? tier) => tier is { RateLimits.Count: > 0 } or { Quotas.Count: > 0 };
}
