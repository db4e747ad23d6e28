using KeyPortal.Usage;
using KeyPortal.Validation;

namespace KeyPortal.Keys.Pages;

/// <summary>
/// Says what a change would have refused: "Of 12,431 valid calls in the last 7 days, 310 would have been refused: 300 needed triggers:write, 10 came from 203.0.113.9."
/// </summary>
public static class ChangeEffectWords
{
    public static string Of(ChangeEffect effect)
    {
        if (effect.Calls == 0)
        {
            return $"No valid call in the last {KeyTallies.Days} days: nothing tells what this change would refuse.";
        }

        var sentence = $"Of {KeyWords.Count(effect.Calls, "valid call", "valid calls")} in the last {KeyTallies.Days} days, {Refused(effect)}.";
        return string.Join(' ', [sentence, .. Unknown(effect)]);
    }

    /// <summary>The notice's colour: a warning where calls are known to fail, good news only where all are known to pass.</summary>
    public static string ToneOf(ChangeEffect effect) => effect switch
    {
        { AtMost: > 0 } => "warning",
        { Calls: > 0, ByScope.Unknown: 0, ByAddress.Unknown: 0 } => "good",
        _ => "",
    };

    private static string Refused(ChangeEffect effect)
    {
        var causes = string.Join(", ", ScopeCauses(effect.ByScope).Concat(AddressCauses(effect.ByAddress)));
        return effect switch
        {
            { AtMost: 0, ByScope.Unknown: 0, ByAddress.Unknown: 0 } => "none would have been refused",
            { AtMost: 0 } => "none is known to have been refused by it",
            _ when effect.AtLeast == effect.AtMost => $"{effect.AtMost:N0} would have been refused: {causes}",
            _ => $"{effect.AtLeast:N0} to {effect.AtMost:N0} would have been refused: {causes}",
        };
    }

    private static IEnumerable<string> ScopeCauses(RefusedCalls refused) =>
        refused.Top.Select(c => $"{c.Count:N0} needed {c.Named}").Concat(Others(refused, "needed other scopes"));

    private static IEnumerable<string> AddressCauses(RefusedCalls refused) =>
        refused.Top.Select(c => c.Named is null ? $"{c.Count:N0} named no address" : $"{c.Count:N0} came from {c.Named}").Concat(Others(refused, "came from other addresses"));

    private static IEnumerable<string> Others(RefusedCalls refused, string what) => refused.OtherCauses > 0 ? [$"{refused.OtherCauses:N0} {what}"] : [];

    private static IEnumerable<string> Unknown(ChangeEffect effect)
    {
        if (effect.ByScope.Unknown > 0)
        {
            yield return $"What {KeyWords.Count(effect.ByScope.Unknown, "call", "calls")} needed is not known.";
        }

        if (effect.ByAddress.Unknown > 0)
        {
            yield return $"Where {KeyWords.Count(effect.ByAddress.Unknown, "call", "calls")} came from is not known.";
        }
    }
}
