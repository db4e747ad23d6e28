using KeyPortal.Keys.Policies;
using KeyPortal.Limits;
using KeyPortal.Primitives;

namespace KeyPortal.Api.PolicyCalls;

/// <summary>What <c>PUT /api/v1/tiers</c> takes: all tiers. A default that is not named stays, for to lose it unawares would free all keys that follow it.</summary>
internal sealed class TiersBody
{
    private bool _namesDefault;

    public IReadOnlyList<TierBody?>? Data { get; init; }

    public string? DefaultTier
    {
        get;
        set => (field, _namesDefault) = (value, true);
    }

    public Outcome<Func<TierListInput, TierListInput>> ToChange() => Data is null
        ? Refusal.Invalid("/data", "Send all tiers as a list.")
        : new Func<TierListInput, TierListInput>(now => new TierListInput([.. Data.Select(tier => tier?.ToInput())], _namesDefault ? DefaultTier : now.DefaultTier));
}

internal sealed record TierBody
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    // Settable, for what is only initialized has no default of its own when it is read: absent would be null.
    public IReadOnlyList<RateLimitInput>? RateLimits { get; set; } = [];

    public IReadOnlyList<QuotaInput>? Quotas { get; set; } = [];

    public TierInput ToInput() => new(Name, Description, RateLimits, Quotas);
}
