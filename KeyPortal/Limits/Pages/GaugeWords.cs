using KeyPortal.Validation;

namespace KeyPortal.Limits.Pages;

/// <summary>How a limit stands, in a word and the tone that goes with it.</summary>
public sealed record GaugeState(string Word, string Tone)
{
    public static GaugeState Of(LimitReadingItem item) => item switch
    {
        { Quota.Mode: QuotaMode.Soft, Standing: { Used: var used, Limit: var limit } } when used >= limit => new("Used up; calls go on", "warning"),
        { Standing.Remaining: 0 } => new("Spent", "bad"),
        _ when item.Standing.Is(LimitMarks.Near) => new("Near its end", "warning"),
        _ => new("Fine", "good"),
    };
}

/// <summary>What a gauge says of a limit.</summary>
public static class GaugeWords
{
    private const long Minute = 60;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;

    /// <summary><c>59 of 100 used</c>.</summary>
    public static string Used(LimitStanding standing) => $"{standing.Used:N0} of {standing.Limit:N0} used";

    /// <summary><c>more in 12 s</c>; empty where nothing is spent.</summary>
    public static string More(LimitStanding standing) => standing.ResetSeconds == 0 ? "" : $"more in {Span(standing.ResetSeconds)}";

    /// <summary>All of it for those who hear the gauge: <c>59 of 100 used, fine, more in 12 s</c>.</summary>
    public static string Of(LimitReadingItem item) =>
        string.Join(", ", new[] { Used(item.Standing), GaugeState.Of(item).Word.ToLowerInvariant(), More(item.Standing) }.Where(part => part.Length > 0));

    /// <summary><c>600 a minute, token bucket</c>.</summary>
    public static string Kind(LimitReadingItem item) =>
        item.RateLimit is { } limit ? $"{LimitWords.Amount(limit)}, {LimitWords.Of(limit.Algorithm)}"
        : item.Quota is { } quota ? $"{LimitWords.Amount(quota)}, {(quota.Mode == QuotaMode.Soft ? "soft" : "hard")}"
        : "";

    /// <summary>Rounded up: nobody is told to come back too early.</summary>
    private static string Span(long seconds) => seconds switch
    {
        < 2 * Minute => $"{seconds} s",
        < 2 * Hour => $"{Up(seconds, Minute)} min",
        < 2 * Day => $"{Up(seconds, Hour)} h",
        _ => $"{Up(seconds, Day)} days",
    };

    private static long Up(long seconds, long unit) => (seconds + unit - 1) / unit;
}
