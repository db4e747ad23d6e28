using KeyPortal.Usage;
using Microsoft.AspNetCore.WebUtilities;

namespace KeyPortal.Keys.Pages;

public enum KeyTab
{
    Usage,
    Restrictions,
    Limits,
    Secrets,
    History,
}

/// <summary>What a key's page shows, as it stands in its URL: <c>/keys/key_…?tab=history&amp;period=7d</c>.</summary>
public sealed record KeyAddress(string KeyId)
{
    public KeyTab Tab { get; init; }

    public UsagePeriod Period { get; init; } = UsagePeriod.Hours24;

    public static KeyAddress Parse(string keyId, string? tab, string? period) => new(keyId)
    {
        Tab = Primitives.SnakeCase.TryParse<KeyTab>(tab, out var known) ? known : KeyTab.Usage,
        Period = UsagePeriod.TryParse(period, out var named) ? named : UsagePeriod.Hours24,
    };

    public override string ToString() => QueryHelpers.AddQueryString($"{KeyListAddress.Path}/{Uri.EscapeDataString(KeyId)}", new Dictionary<string, string?>
    {
        ["tab"] = Tab == KeyTab.Usage ? null : Primitives.SnakeCase.Of(Tab),
        ["period"] = Period == UsagePeriod.Hours24 ? null : Period.Name,
    });
}
