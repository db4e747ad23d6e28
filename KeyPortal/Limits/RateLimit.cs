namespace KeyPortal.Limits;

/// <summary>How a rate limit counts.</summary>
public enum LimitAlgorithm
{
    /// <summary>Bursts up to the limit, then an even rate of limit per window. Exact.</summary>
    TokenBucket,

    /// <summary>So many in a window that begins with its first call. Exact.</summary>
    FixedWindow,

    /// <summary>So many in the window just past, estimated from two counters. See <see cref="SlidingWindow"/> for the error.</summary>
    SlidingWindow,
}

/// <summary>
/// A rate limit that has passed <see cref="LimitRules"/>: <paramref name="Limit"/> calls (or what they cost) in <paramref name="WindowSeconds"/>.
/// From <paramref name="WarnAtPercent"/> of it on, answers carry a warning; null for none before the wall.
/// </summary>
public sealed record RateLimit(string Name, LimitAlgorithm Algorithm, long Limit, long WindowSeconds, int? WarnAtPercent = null);

/// <summary>A rate limit as it was typed or sent: nothing here is checked yet.</summary>
public sealed record RateLimitInput(string? Name, string? Algorithm, long? Limit, long? WindowSeconds, long? WarnAtPercent = null)
{
    public static RateLimitInput Of(RateLimit limit) => new(limit.Name, Primitives.SnakeCase.Of(limit.Algorithm), limit.Limit, limit.WindowSeconds, limit.WarnAtPercent);
}
