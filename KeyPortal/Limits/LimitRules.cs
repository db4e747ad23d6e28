using System.Text.RegularExpressions;
using KeyPortal.Primitives;

namespace KeyPortal.Limits;

/// <summary>Checks limits and quotas as they were typed or sent, and names every rule they break with the field it is about.</summary>
public static partial class LimitRules
{
    public const int MaxRateLimits = 5;
    public const int MaxNameLength = 32;
    public const long MaxLimit = 1_000_000_000;

    /// <summary>31 days.</summary>
    public const long MaxWindowSeconds = 2_678_400;

    /// <summary>Both periods, once each.</summary>
    public const int MaxQuotas = 2;

    private const string Reserved = "quota-";

    /// <summary>What a limit or a tier may be called. It stands in a structured header field (RFC 9651), so it is plain ASCII.</summary>
    [GeneratedRegex("^[a-z0-9]([a-z0-9_-]{0,30}[a-z0-9])?\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    public static partial Regex NameForm { get; }

    /// <summary>The limits, or what is wrong with them in <paramref name="fail"/>, by pointer (below <paramref name="at"/>) and sentence.</summary>
    public static IReadOnlyList<RateLimit> RateLimits(IReadOnlyList<RateLimitInput> inputs, Action<string, string> fail, string at = "/rate_limits")
    {
        if (inputs.Count > MaxRateLimits)
        {
            fail(at, $"There may be {MaxRateLimits} rate limits at most; this has {inputs.Count}.");
            return [];
        }

        List<RateLimit> limits = [];
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < inputs.Count; i++)
        {
            if (Check(inputs[i], fail, $"{at}/{i}") is { } limit)
            {
                limits.Add(limit);
            }

            if (inputs[i]?.Name is { } name && !names.Add(name))
            {
                fail($"{at}/{i}/name", "Another rate limit of the list has the same name. Each name stands for one.");
            }
        }

        return limits;
    }

    /// <summary>The quotas, or what is wrong with them in <paramref name="fail"/>, by pointer (below <paramref name="at"/>) and sentence.</summary>
    public static IReadOnlyList<Quota> Quotas(IReadOnlyList<QuotaInput> inputs, Action<string, string> fail, string at = "/quotas")
    {
        if (inputs.Count > MaxQuotas)
        {
            fail(at, $"There may be {MaxQuotas} quotas at most, one a day and one a month; this has {inputs.Count}.");
            return [];
        }

        List<Quota> quotas = [];
        var periods = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < inputs.Count; i++)
        {
            if (Check(inputs[i], fail, $"{at}/{i}") is { } quota)
            {
                quotas.Add(quota);
            }

            if (inputs[i]?.Period is { } period && !periods.Add(period))
            {
                fail($"{at}/{i}/period", "Another quota of the list has the same period. Each period has one.");
            }
        }

        return quotas;
    }

    private static RateLimit? Check(RateLimitInput? input, Action<string, string> fail, string at)
    {
        if (input is null)
        {
            fail(at, "A rate limit is an object with name, algorithm, limit and window_seconds.");
            return null;
        }

        var good = true;
        void Must(bool holds, string field, string rule)
        {
            if (!holds)
            {
                good = false;
                fail($"{at}/{field}", rule);
            }
        }

        Must(input.Name is not null && NameForm.IsMatch(input.Name) && !input.Name.StartsWith(Reserved, StringComparison.Ordinal), "name",
            $"A limit's name has 1 to {MaxNameLength} of a–z, 0–9, - and _, such as burst, and does not begin with {Reserved}.");
        var algorithm = default(LimitAlgorithm);
        Must(input.Algorithm is not null && SnakeCase.TryParse(input.Algorithm, out algorithm), "algorithm", "The algorithm is token_bucket, fixed_window or sliding_window.");
        Must(input.Limit is >= 1 and <= MaxLimit, "limit", $"A limit is a whole number from 1 to {MaxLimit:N0}.");
        Must(input.WindowSeconds is >= 1 and <= MaxWindowSeconds, "window_seconds", $"A window has 1 to {MaxWindowSeconds:N0} seconds (31 days).");
        Must(IsPercent(input.WarnAtPercent), "warn_at_percent", PercentRule);
        return good ? new RateLimit(input.Name!, algorithm, input.Limit!.Value, input.WindowSeconds!.Value, (int?)input.WarnAtPercent) : null;
    }

    private static Quota? Check(QuotaInput? input, Action<string, string> fail, string at)
    {
        if (input is null)
        {
            fail(at, "A quota is an object with period and limit.");
            return null;
        }

        var good = true;
        void Must(bool holds, string field, string rule)
        {
            if (!holds)
            {
                good = false;
                fail($"{at}/{field}", rule);
            }
        }

        var (period, mode) = (default(QuotaPeriod), QuotaMode.Hard);
        Must(input.Period is not null && SnakeCase.TryParse(input.Period, out period), "period", "A quota's period is day or month.");
        Must(input.Limit is >= 1 and <= MaxLimit, "limit", $"A quota is a whole number from 1 to {MaxLimit:N0}.");
        Must(input.Mode is null || SnakeCase.TryParse(input.Mode, out mode), "mode", "A quota's mode is hard or soft.");
        Must(IsPercent(input.WarnAtPercent), "warn_at_percent", PercentRule);
        return good ? new Quota(period, input.Limit!.Value, mode, (int?)input.WarnAtPercent) : null;
    }

    private const string PercentRule = "A warning comes at a whole number from 1 to 100 percent.";

    private static bool IsPercent(long? percent) => percent is null or (>= 1 and <= 100);
}
