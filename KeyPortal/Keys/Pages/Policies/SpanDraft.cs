using System.Globalization;

namespace KeyPortal.Keys.Pages.Policies;

public enum SpanUnit
{
    Seconds = 1,
    Minutes = 60,
    Hours = 3_600,
    Days = 86_400,
}

/// <summary>A span of time as a person types it: a number and a unit. Empty where there is none.</summary>
public sealed class SpanDraft
{
    /// <summary>What no rule accepts: stands for text that is no number.</summary>
    private const long NoNumber = -1;

    public string Amount { get; set; } = "";

    public SpanUnit Unit { get; set; } = SpanUnit.Days;

    /// <summary>In the largest unit that says it exactly.</summary>
    public static SpanDraft Of(long? seconds) => seconds is not { } all ? new() : new()
    {
        Unit = all == 0 ? SpanUnit.Hours : UnitOf(all),
        Amount = (all / (long)(all == 0 ? SpanUnit.Hours : UnitOf(all))).ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Null where nothing was typed.</summary>
    public long? ToSeconds() =>
        string.IsNullOrWhiteSpace(Amount) ? null
        : long.TryParse(Amount.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var amount) ? Math.Min(amount, long.MaxValue / (long)Unit) * (long)Unit
        : NoNumber;

    /// <summary><c>90 days</c>, <c>1 hour</c>.</summary>
    public static string Words(long seconds)
    {
        var unit = UnitOf(seconds);
        var name = unit.ToString().ToLowerInvariant();
        return KeyWords.Count(seconds / (long)unit, name[..^1], name);
    }

    private static SpanUnit UnitOf(long seconds) => Enum.GetValues<SpanUnit>().Where(unit => seconds % (long)unit == 0).Max();
}
