using KeyPortal.Keys.Pages.Policies;

namespace KeyPortal.Limits.Pages;

/// <summary>Says in plain words what a client will meet at a limit.</summary>
public static class LimitWords
{
    /// <summary>Of two or more limits.</summary>
    public const string Several = "All of them must have room; a refused call spends none.";

    public static string Of(LimitAlgorithm algorithm) => algorithm switch
    {
        LimitAlgorithm.TokenBucket => "token bucket",
        LimitAlgorithm.FixedWindow => "fixed window",
        _ => "sliding window",
    };

    /// <summary><c>Bursts of 100, then 10 a second; a client that waits as told is never refused. Warns from 80.</c></summary>
    public static string Of(RateLimit limit) => limit.Algorithm switch
    {
        LimitAlgorithm.TokenBucket when limit.Limit == 1 => $"One call {Every(limit.WindowSeconds)}; a client that waits as told is never refused.",
        LimitAlgorithm.TokenBucket => $"Bursts of {limit.Limit:N0}, then {Pace(limit)}; a client that waits as told is never refused.",
        LimitAlgorithm.FixedWindow => InFixedWindow(limit, Window.Of(limit.WindowSeconds)),
        _ => InSlidingWindow(limit, Window.Of(limit.WindowSeconds)),
    } + Warning(limit.Limit, limit.WarnAtPercent);

    /// <summary><c>10,000 a day (UTC); beyond that calls are refused until midnight UTC. Warns from 8,000.</c></summary>
    public static string Of(Quota quota) => $"{Amount(quota)} (UTC); beyond that calls " + (quota switch
    {
        { Mode: QuotaMode.Soft } => "go on, with a warning.",
        { Period: QuotaPeriod.Day } => "are refused until midnight UTC.",
        _ => "are refused until the next month begins.",
    }) + Warning(quota.Limit, quota.WarnAtPercent);

    /// <summary><c>600 a minute</c>, <c>100 in 10 seconds</c>.</summary>
    public static string Amount(RateLimit limit, string calls = "") => Window.Of(limit.WindowSeconds) is { IsOne: true } window
        ? $"{limit.Limit:N0}{calls} {window}"
        : $"{limit.Limit:N0}{calls} in {Window.Of(limit.WindowSeconds)}";

    /// <summary><c>10,000 a day</c>.</summary>
    public static string Amount(Quota quota, string calls = "") => $"{quota.Limit:N0}{calls} a {(quota.Period == QuotaPeriod.Day ? "day" : "month")}";

    /// <summary>From how many on answers warn: the first count that makes the percentage full.</summary>
    public static long WarnsFrom(long limit, int percent) => (long)((((Int128)limit * percent) + 99) / 100);

    private static string InFixedWindow(RateLimit limit, Window window) => limit.Limit == 1
        ? $"At most 1 in {window} that {window.Begins} with it; the rest of {window.That} is refused."
        : $"At most {limit.Limit:N0} in {window} that {window.Begins} with {window.Its} first call; when they are spent, the rest of {window.That} is refused.";

    private static string InSlidingWindow(RateLimit limit, Window window) =>
        $"About {limit.Limit:N0} in any {window.Bare} just past; room comes back as {window.That} {(window.IsOne ? "moves" : "move")} on.";

    private static string Warning(long limit, int? percent) => percent is { } at ? $" Warns from {WarnsFrom(limit, at):N0}." : "";

    /// <summary>The even rate of a token bucket: <c>10 a second</c>, <c>about 1.7 a second</c>, <c>one every 6 seconds</c>.</summary>
    private static string Pace(RateLimit limit)
    {
        if (limit.Limit < limit.WindowSeconds)
        {
            var every = Every((decimal)limit.WindowSeconds / limit.Limit);
            return every.StartsWith("about ", StringComparison.Ordinal) ? $"about one {every["about ".Length..]}" : $"one {every}";
        }

        var (rate, isExact) = Rounded((decimal)limit.Limit / limit.WindowSeconds);
        return $"{(isExact ? "" : "about ")}{rate} a second";
    }

    /// <summary><c>a minute</c>, <c>every 6 seconds</c>, <c>about every 8.6 seconds</c>.</summary>
    private static string Every(decimal seconds)
    {
        if (seconds is (long)SpanUnit.Seconds or (long)SpanUnit.Minutes or (long)SpanUnit.Hours or (long)SpanUnit.Days)
        {
            return Window.Of((long)seconds).ToString();
        }

        // The largest unit of which there are two or more; below that, seconds.
        var unit = Enum.GetValues<SpanUnit>().Where(u => seconds >= 2 * (long)u).DefaultIfEmpty(SpanUnit.Seconds).Max();
        var (amount, isExact) = Rounded(seconds / (long)unit);
        return amount == "1" ? "about a second" : $"{(isExact ? "" : "about ")}every {amount} {unit.ToString().ToLowerInvariant()}";
    }

    /// <summary>To one decimal where that is the whole truth, or where the number is small.</summary>
    private static (string Text, bool IsExact) Rounded(decimal number)
    {
        var tenths = Math.Round(number, 1, MidpointRounding.AwayFromZero);
        var isExact = tenths == number;
        return (isExact || number < 10 ? $"{tenths:#,0.#}" : $"{number:N0}", isExact);
    }

    /// <summary>A span of time and the words that go with one, or with several.</summary>
    private sealed record Window(string Bare, bool IsOne, string Article)
    {
        public string Begins => IsOne ? "begins" : "begin";

        public string Its => IsOne ? "its" : "their";

        public string That => IsOne ? $"that {Bare}" : $"those {Bare}";

        public static Window Of(long seconds)
        {
            var words = SpanDraft.Words(seconds);
            var isOne = words.StartsWith("1 ", StringComparison.Ordinal);
            return isOne ? new Window(words[2..], true, words == "1 hour" ? "an " : "a ") : new Window(words, false, "");
        }

        public override string ToString() => Article + Bare;
    }
}
