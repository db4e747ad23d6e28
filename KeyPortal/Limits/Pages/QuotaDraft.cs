using System.Globalization;
using KeyPortal.Primitives;

namespace KeyPortal.Limits.Pages;

/// <summary>A quota as it stands in the fields of its row, checked by nobody yet.</summary>
public sealed class QuotaDraft
{
    public QuotaPeriod Period { get; set; }

    public string Limit { get; set; } = "";

    public QuotaMode Mode { get; set; }

    /// <summary>Percent; empty for no warning before the wall.</summary>
    public string WarnAt { get; set; } = "";

    /// <summary>The quota as far as it can be understood; null while it cannot.</summary>
    public Quota? Meant => LimitRules.Quotas([ToInput()], (_, _) => { }) is [var quota] ? quota : null;

    /// <summary>A row to begin with, for a period that <paramref name="others"/> leave free.</summary>
    public static QuotaDraft After(IReadOnlyCollection<QuotaDraft> others) =>
        new() { Period = others.Any(o => o.Period == QuotaPeriod.Day) ? QuotaPeriod.Month : QuotaPeriod.Day, Limit = "10000", WarnAt = "80" };

    public static QuotaDraft Of(Quota quota) => new()
    {
        Period = quota.Period,
        Limit = quota.Limit.ToString(CultureInfo.InvariantCulture),
        Mode = quota.Mode,
        WarnAt = quota.WarnAtPercent?.ToString(CultureInfo.InvariantCulture) ?? "",
    };

    public QuotaInput ToInput() => new(SnakeCase.Of(Period), TypedNumber.Read(Limit), SnakeCase.Of(Mode), TypedNumber.ReadOptional(WarnAt));
}
