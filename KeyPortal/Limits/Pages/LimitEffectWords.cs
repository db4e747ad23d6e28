using KeyPortal.Components;
using KeyPortal.Keys.Pages;

namespace KeyPortal.Limits.Pages;

/// <summary>Says what limits would have refused: "Of 12,431 calls in the last 7 days, these limits would have refused at least 310, in 12 different minutes, last 2 h ago."</summary>
public static class LimitEffectWords
{
    public static string Of(SimulatedUse use, ViewerTime viewer)
    {
        if (use.Calls == 0)
        {
            return "No call in the last 7 days: nothing tells what these limits would refuse.";
        }

        var asked = $"Of {KeyWords.Count(use.Calls, "call", "calls")} in the last 7 days, these limits would have refused";
        return use.Refused == 0
            ? $"{asked} none, if each minute's calls came evenly. Its busiest time used {use.Peaks.Max():N0} % of the tightest."
            : $"{asked} at least {use.Refused:N0}, in {KeyWords.Count(use.RefusedMinutes, "minute", "different minutes")}{(use.LastRefusedAt is { } at ? $", last {viewer.Relative(at)}" : "")}.";
    }
}
