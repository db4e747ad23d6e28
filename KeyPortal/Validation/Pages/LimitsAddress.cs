using KeyPortal.Primitives;
using KeyPortal.Usage;
using Microsoft.AspNetCore.WebUtilities;

namespace KeyPortal.Validation.Pages;

/// <summary>What the page of limits shows, as it stands in its URL: <c>/limits?period=7d&amp;key=key_…</c>. Values that mean nothing are left out.</summary>
public sealed record LimitsAddress
{
    public const string Path = "/limits";

    private const int LongestId = 100;

    public static IReadOnlyList<UsagePeriod> Periods { get; } = [UsagePeriod.Hours24, UsagePeriod.Days7, UsagePeriod.Days30];

    public UsagePeriod Period { get; init; } = UsagePeriod.Hours24;

    /// <summary>One key's violations only.</summary>
    public string? KeyId { get; init; }

    /// <summary>The cursor after which this page of the list begins.</summary>
    public string? After { get; init; }

    public static LimitsAddress Of(string? period, string? keyId, string? after) => new()
    {
        Period = UsagePeriod.TryParse(period, out var known) && Periods.Contains(known) ? known : UsagePeriod.Hours24,
        KeyId = keyId is { Length: > 0 and <= LongestId } ? keyId : null,
        After = Cursor.TryDecode(after, out _) ? after : null,
    };

    public override string ToString() => QueryHelpers.AddQueryString(Path, new Dictionary<string, string?>
    {
        ["period"] = Period == UsagePeriod.Hours24 ? null : Period.Name,
        ["key"] = KeyId,
        ["after"] = After,
    });
}
