using KeyPortal.Primitives;

namespace KeyPortal.Limits;

/// <summary>The span of the UTC calendar a quota is for.</summary>
public enum QuotaPeriod
{
    Day,
    Month,
}

/// <summary>What happens once a quota is used up.</summary>
public enum QuotaMode
{
    /// <summary>Calls are refused until the period ends.</summary>
    Hard,

    /// <summary>Calls go on; answers warn, and an alert is raised.</summary>
    Soft,
}

/// <summary>A quota that has passed <see cref="LimitRules"/>: <paramref name="Limit"/> calls (or what they cost) in a UTC day or month.</summary>
public sealed record Quota(QuotaPeriod Period, long Limit, QuotaMode Mode = QuotaMode.Hard, int? WarnAtPercent = null)
{
    /// <summary>The quota's name where rate limits and quotas stand side by side; no rate limit may take it.</summary>
    public string Name => Period == QuotaPeriod.Day ? "quota-day" : "quota-month";

    /// <summary>The use from which it warns; null for never. A soft quota has no wall to run into, so it always warns at its end.</summary>
    public long? WarnsFrom => (WarnAtPercent ?? (Mode == QuotaMode.Soft ? Whole : null)) is { } percent ? ((percent * Limit) + Whole - 1) / Whole : null;

    private const int Whole = 100;
}

/// <summary>A quota as it was typed or sent: nothing here is checked yet.</summary>
public sealed record QuotaInput(string? Period, long? Limit, string? Mode = null, long? WarnAtPercent = null)
{
    public static QuotaInput Of(Quota quota) => new(SnakeCase.Of(quota.Period), quota.Limit, SnakeCase.Of(quota.Mode), quota.WarnAtPercent);
}

/// <summary>The UTC calendar of quotas.</summary>
public static class QuotaPeriods
{
    private const int MonthsPerYear = 12;

    /// <summary>Numbers the period that <paramref name="now"/> falls in: days since 1970, or months since the year 0.</summary>
    public static int NumberAt(this QuotaPeriod period, DateTimeOffset now) => period == QuotaPeriod.Day
        ? (int)((now.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerDay)
        : (now.UtcDateTime.Year * MonthsPerYear) + now.UtcDateTime.Month - 1;

    /// <summary>The first instant after the period numbered <paramref name="number"/>.</summary>
    public static DateTimeOffset EndOf(this QuotaPeriod period, int number) => period == QuotaPeriod.Day
        ? DateTimeOffset.UnixEpoch.AddDays(number + 1)
        : new DateTimeOffset((number + 1) / MonthsPerYear, ((number + 1) % MonthsPerYear) + 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How long the period numbered <paramref name="number"/> is, in seconds.</summary>
    public static long SecondsOf(this QuotaPeriod period, int number) => (long)(period.EndOf(number) - period.EndOf(number - 1)).TotalSeconds;
}
