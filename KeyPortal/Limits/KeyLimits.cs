using System.Collections.Concurrent;
using System.Text;

namespace KeyPortal.Limits;

/// <summary>
/// All limits that hold for one key, its own first: immutable, and the same object for the same limits, so that a hundred thousand keys of one tier share one.
/// A limit of the key stands in the place of its tier's limit of the same name (its tier's quota of the same period).
/// </summary>
public sealed class KeyLimits : IEquatable<KeyLimits>
{
    /// <summary>No limits at all.</summary>
    public static readonly KeyLimits None = new([], [], 0, 0);

    /// <summary>More would be made by hand, a key at a time: no memory of them is worth keeping.</summary>
    private const int MostKept = 10_000;

    private static readonly ConcurrentDictionary<KeyLimits, KeyLimits> Kept = new();

    private readonly RateLimit[] _rateLimits;
    private readonly Quota[] _quotas;

    private KeyLimits(RateLimit[] rateLimits, Quota[] quotas, int ownRateLimits, int ownQuotas)
    {
        (_rateLimits, _quotas, OwnRateLimits, OwnQuotas) = (rateLimits, quotas, ownRateLimits, ownQuotas);
        Policies = PoliciesOf(rateLimits);
    }

    public ReadOnlySpan<RateLimit> RateLimits => _rateLimits;

    public ReadOnlySpan<Quota> Quotas => _quotas;

    /// <summary>How many of the rate limits, from the first, were set on the key: by itself or by the tier it names, and not by its organization's default.</summary>
    public int OwnRateLimits { get; }

    /// <summary>The same of the quotas.</summary>
    public int OwnQuotas { get; }

    /// <summary>How many limits were set on the key.</summary>
    public int OwnCount => OwnRateLimits + OwnQuotas;

    public int Count => _rateLimits.Length + _quotas.Length;

    /// <summary>The name of a limit by its place: first the rate limits, then the quotas.</summary>
    public string NameOf(int index) => index < _rateLimits.Length ? _rateLimits[index].Name : _quotas[index - _rateLimits.Length].Name;

    /// <summary>The rate limits' part of <c>RateLimit-Policy</c>: <c>"burst";q=100;w=60</c>. A quota's window depends on the day.</summary>
    public string Policies { get; }

    /// <param name="rateLimits">The key's own.</param>
    /// <param name="quotas">The key's own.</param>
    /// <param name="tier">The tier the key names.</param>
    /// <param name="defaultTier">The organization's default; holds only where the key names no tier.</param>
    public static KeyLimits Of(IReadOnlyList<RateLimit> rateLimits, IReadOnlyList<Quota> quotas, LimitTier? tier, LimitTier? defaultTier)
    {
        var taken = tier ?? defaultTier;
        if (rateLimits.Count == 0 && quotas.Count == 0 && taken is not { RateLimits.Count: > 0 } and not { Quotas.Count: > 0 })
        {
            return None;
        }

        RateLimit[] allRates = [.. rateLimits, .. taken?.RateLimits.Where(t => rateLimits.All(own => own.Name != t.Name)) ?? []];
        Quota[] allQuotas = [.. quotas, .. taken?.Quotas.Where(t => quotas.All(own => own.Period != t.Period)) ?? []];
        var made = tier is null ? new KeyLimits(allRates, allQuotas, rateLimits.Count, quotas.Count) : new KeyLimits(allRates, allQuotas, allRates.Length, allQuotas.Length);
        if (Kept.Count > MostKept)
        {
            Kept.Clear();
        }

        return Kept.GetOrAdd(made, made);
    }

    /// <summary>One limit alone, for callers that are no keys.</summary>
    public static KeyLimits Of(RateLimit limit) => Of([limit], [], null, null);

    public bool Equals(KeyLimits? other) =>
        other is not null && OwnRateLimits == other.OwnRateLimits && OwnQuotas == other.OwnQuotas && RateLimits.SequenceEqual(other.RateLimits) && Quotas.SequenceEqual(other.Quotas);

    public override bool Equals(object? obj) => Equals(obj as KeyLimits);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var limit in _rateLimits)
        {
            hash.Add(limit);
        }

        foreach (var quota in _quotas)
        {
            hash.Add(quota);
        }

        return hash.ToHashCode();
    }

    private static string PoliciesOf(RateLimit[] limits)
    {
        var text = new StringBuilder();
        foreach (var limit in limits)
        {
            text.Append(text.Length > 0 ? ", " : "").Append('"').Append(limit.Name).Append("\";q=").Append(limit.Limit).Append(";w=").Append(limit.WindowSeconds);
        }

        return text.ToString();
    }
}
