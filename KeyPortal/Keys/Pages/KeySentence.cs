using KeyPortal.Components;
using KeyPortal.Limits;
using KeyPortal.Limits.Pages;
using KeyPortal.Primitives;

namespace KeyPortal.Keys.Pages;

/// <summary>
/// Says a key back to the person who is about to make it: "A live secret key that may read triggers from 10.0.0.0/8 until 19 February 2027, at most 600 calls a minute."
/// </summary>
public static class KeySentence
{
    private const int Named = 4;

    /// <param name="tiers">Null where they are not known; the organization's default is then not spoken of.</param>
    public static string Of(KeyDraft draft, ViewerTime viewer, TierList? tiers = null)
    {
        var where = draft.NetworkLines is { Count: > 0 } networks ? " from " + Listed(networks, "networks") : "";
        var on = draft.Type == KeyType.Publishable && draft.OriginLines is { Count: > 0 } origins ? " on " + Listed(origins, "origins") : "";
        var start = draft.StartsAt is { } at ? $", beginning {at:d MMMM yyyy, HH:mm}," : "";
        var end = draft.EndsAt(viewer) is { } day ? " until " + viewer.Day(day) : draft.ExpiresOnDay ? " until a day you have yet to choose" : " and never expires";
        return $"A {KeyWords.Of(draft.Environment)} {KeyWords.Of(draft.Type)} key that {Rights(draft.Scopes)}{where}{on}{start}{end}{EffectiveLimits.Clause(draft.MeantRateLimits, draft.MeantQuotas, draft.Tier, tiers)}.";
    }

    private static string Rights(IReadOnlyCollection<string> scopes)
    {
        if (scopes.Count == 0)
        {
            return "holds no scope";
        }

        if (scopes.Count > Named)
        {
            return $"holds {scopes.Count} scopes";
        }

        var byAction = scopes.Order(StringComparer.Ordinal).Select(Scope.Parse).GroupBy(s => s.Action)
            .Select(g => $"{(g.Key == "*" ? "do everything with" : g.Key)} {Joined([.. g.Select(s => s.Resource)])}");
        return "may " + Joined([.. byAction]);
    }

    private static string Listed(IReadOnlyList<string> items, string what) => items.Count <= 2 ? Joined(items) : $"{items.Count} {what}";

    private static string Joined(IReadOnlyList<string> items) =>
        items.Count == 1 ? items[0] : string.Join(", ", items.Take(items.Count - 1)) + " and " + items[^1];
}
