using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Primitives;

namespace KeyPortal.Validation;

/// <summary>What a report of limits means for a validation: the reasons of a refusal, and the warnings before it, in sentences a person can act on.</summary>
internal static class LimitReasons
{
    /// <summary>A reason for each limit that has no room; rate limits first, which is their order of precedence.</summary>
    public static List<ValidationReason> Of(LimitReport report, long cost)
    {
        List<ValidationReason> reasons = [];
        for (var i = 0; i < report.Standings.Length; i++)
        {
            if (report.Standings[i] is var standing && standing.Is(LimitMarks.Refused))
            {
                reasons.Add(i < report.RateLimits
                    ? new ValidationReason(ValidationCode.RateLimited, OfRateLimit(report.Limits.RateLimits[i], standing, cost))
                    : new ValidationReason(ValidationCode.QuotaExceeded, OfQuota(report.QuotaOf(i), standing, cost)));
            }
        }

        return reasons;
    }

    /// <summary>The same as a refusal, for a caller who asks for no decision but is refused one.</summary>
    public static Refusal RefusalOf(LimitReport report, long cost = 1)
    {
        var reasons = Of(report, cost);
        List<string> violated = [];
        for (var i = 0; i < report.Standings.Length; i++)
        {
            if (report.Standings[i].Is(LimitMarks.Refused))
            {
                violated.Add(report.NameOf(i));
            }
        }

        return new Refusal(RefusalKind.TooMany, SnakeCase.Of(reasons[0].Code), string.Join(' ', reasons.Select(r => r.Detail)))
        {
            RetryAfter = report.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            ViolatedLimits = violated,
        };
    }

    /// <summary>The key's warnings with those of its limits.</summary>
    public static IReadOnlyList<KeyWarning> Warn(LimitReport report, IReadOnlyList<KeyWarning> others)
    {
        List<KeyWarning>? warnings = null;
        for (var i = 0; i < report.Standings.Length; i++)
        {
            if (report.Standings[i] is var standing && standing.Is(LimitMarks.Near))
            {
                (warnings ??= [.. others]).Add(i < report.RateLimits
                    ? new KeyWarning(KeyWarningCode.RateLimitNear, $"{standing.Used:N0} of the {standing.Limit:N0} calls of the rate limit {report.NameOf(i)} are used.")
                    : WarnOf(report.QuotaOf(i), standing));
            }
        }

        return warnings ?? others;
    }

    private static KeyWarning WarnOf(Quota quota, in LimitStanding standing)
    {
        var period = SnakeCase.Of(quota.Period);
        return standing.Is(LimitMarks.Over)
            ? new KeyWarning(KeyWarningCode.QuotaPassed, $"{standing.Used:N0} calls were made of the {standing.Limit:N0} for this {period} (UTC). They still pass.")
            : new KeyWarning(KeyWarningCode.QuotaNear, $"{standing.Used:N0} of the {standing.Limit:N0} calls for this {period} (UTC) are used.");
    }

    private static string OfRateLimit(RateLimit limit, in LimitStanding standing, long cost) =>
        standing.Is(LimitMarks.Never)
            ? $"The call costs {cost:N0}, more than the rate limit {limit.Name} of {limit.Limit:N0} ever holds. It can never pass; split it."
            : $"The rate limit {limit.Name} of {limit.Limit:N0} in {Seconds(limit.WindowSeconds)} has {Room(standing, cost)}. Try again in {Seconds(standing.RetryAfterSeconds)}.";

    private static string OfQuota(Quota quota, in LimitStanding standing, long cost) =>
        standing.Is(LimitMarks.Never)
            ? $"The call costs {cost:N0}, more than the quota of {standing.Limit:N0} a {SnakeCase.Of(quota.Period)}. It can never pass; split it."
            : $"The quota of {standing.Limit:N0} a {SnakeCase.Of(quota.Period)} (UTC) has {Room(standing, cost)}. A new {SnakeCase.Of(quota.Period)} begins in {Seconds(standing.RetryAfterSeconds)}.";

    private static string Room(in LimitStanding standing, long cost) =>
        standing.Remaining == 0 ? "no room left" : $"room for {standing.Remaining:N0} more, and this call costs {cost:N0}";

    private static string Seconds(long seconds) => seconds == 1 ? "1 second" : $"{seconds:N0} seconds";
}
