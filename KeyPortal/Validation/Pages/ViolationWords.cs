using KeyPortal.Components;
using KeyPortal.Keys.Pages;
using KeyPortal.Limits;
using KeyPortal.Overview.Pages;
using KeyPortal.Usage;

namespace KeyPortal.Validation.Pages;

/// <summary>Says what limits did, and how close keys came to them.</summary>
public static class ViolationWords
{
    /// <summary><c>3 keys ran into their limits in the last 24 hours; 1,240 calls were refused</c>.</summary>
    public static string Sum(ViolationSummary summary, UsagePeriod period, bool ownOnly) => summary.Keys == 0
        ? $"None of your {(ownOnly ? "keys" : "organization's keys")} ran into its limits in {PeriodWords.Span(period)}"
        : $"{KeyWords.Count(summary.Keys, ownOnly ? "of your keys" : "key", ownOnly ? "of your keys" : "keys")} ran into {(summary.Keys == 1 ? "its" : "their")} limits in {PeriodWords.Span(period)}; {Refused(summary.Refused)}";

    /// <summary><c>ran into its limits 4 times in the last 24 hours; 1,240 calls were refused</c>, after a key's name.</summary>
    public static string SumOfKey(int violations, ViolationSummary summary, UsagePeriod period) => violations == 0 && summary.Refused == 0
        ? $"did not run into a limit in {PeriodWords.Span(period)}"
        : $"ran into its limits {(violations == 1 ? "once" : $"{violations:N0} times")} in {PeriodWords.Span(period)}; {Refused(summary.Refused)}";

    /// <summary>What kind of limit a name is of.</summary>
    public static string Kind(string limitName) => limitName switch
    {
        "quota-day" => "daily quota",
        "quota-month" => "monthly quota",
        _ => "rate limit",
    };

    /// <summary>From its first refusal to its last: <c>a moment</c>, <c>12 s</c>, <c>4 min</c>, <c>9 h</c>, with <c>so far</c> where the next may come.</summary>
    public static string Lasted(LimitViolation violation, DateTimeOffset now)
    {
        var length = violation.LastAt - violation.StartedAt;
        var words = length switch
        {
            { TotalSeconds: < 1 } => "a moment",
            { TotalSeconds: < 60 } => $"{(int)length.TotalSeconds} s",
            { TotalMinutes: < 60 } => $"{(int)length.TotalMinutes} min",
            { TotalHours: < 48 } => $"{(int)length.TotalHours} h",
            _ => $"{(int)length.TotalDays} days",
        };
        return IsGoingOn(violation, now) ? words + " so far" : words;
    }

    /// <summary><c>between 19 November 2026, 19:45:21, and 19:53:56 (Europe/Zurich)</c>.</summary>
    public static string Between(LimitViolation violation, ViewerTime viewer)
    {
        var (first, last) = (viewer.Local(violation.StartedAt), viewer.Local(violation.LastAt));
        return $"between {first:d MMMM yyyy, HH:mm:ss}, and {(first.Date == last.Date ? $"{last:HH:mm:ss}" : $"{last:d MMMM yyyy, HH:mm:ss}")} ({viewer.Zone.Id})";
    }

    public static bool IsGoingOn(LimitViolation violation, DateTimeOffset now) => now - violation.LastAt <= LimitViolation.Gap;

    /// <summary>Each address with its calls, the most frequent first; what no address is known of last.</summary>
    public static IReadOnlyList<(string? Ip, string Words, long Count)> Sources(LimitViolation violation)
    {
        var named = violation.Addresses.Where(a => a.Ip.Length > 0).OrderByDescending(a => a.Count).ToList();
        var rest = violation.Addresses.Where(a => a.Ip.Length == 0).Sum(a => a.Count);
        // Only where the bound was reached may there be addresses among them.
        var unnamed = named.Count < LimitViolation.MostAddresses - 1 ? "no address named" : "further addresses";
        return [.. named.Select(a => ((string?)a.Ip, a.Ip, a.Count)), .. rest > 0 ? [((string?)null, unnamed, rest)] : Array.Empty<(string?, string, long)>()];
    }

    /// <summary>How close a key came to its tightest limit: <c>17 % to spare</c>, <c>spent</c>, <c>no limits</c>.</summary>
    public static string Headroom(KeyHeadroom key) => key switch
    {
        { Tightest: null } => "no limits",
        { HeadroomPercent: 0 } => "spent",
        // Within a minute calls come in bursts; or the limit was another one then.
        { Limited: > 0 } => $"{key.HeadroomPercent} % to spare by the minute, yet calls were refused",
        _ => $"{key.HeadroomPercent} % to spare",
    };

    public static string ToneOf(KeyHeadroom key) => key switch
    {
        { Tightest: null } => "",
        { HeadroomPercent: 0 } => "bad",
        { Limited: > 0 } or { HeadroomPercent: < Narrow } => "warning",
        _ => "good",
    };

    /// <summary>Less to spare than this is worth a look.</summary>
    private const int Narrow = 20;

    private static string Refused(long calls) => $"{KeyWords.Count(calls, "call was", "calls were")} refused";
}
