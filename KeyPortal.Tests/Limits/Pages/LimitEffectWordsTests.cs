using Bunit;
using KeyPortal.Components;
using KeyPortal.Limits;
using KeyPortal.Limits.Pages;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Limits.Pages;

public sealed class LimitEffectWordsTests : BunitContext
{
    [Fact]
    public void Refusals_are_told_with_when_they_would_have_been() =>
        Say(new SimulatedUse(12_431, 310, 12, TestClock.Start.AddHours(-2), [100, 3])).ShouldBe(
            "Of 12,431 calls in the last 7 days, these limits would have refused at least 310, in 12 different minutes, last 2 h ago.");

    [Fact]
    public void One_is_one() => Say(new SimulatedUse(1, 1, 1, null, [100])).ShouldBe("Of 1 call in the last 7 days, these limits would have refused at least 1, in 1 minute.");

    [Fact]
    public void Nothing_refused_says_how_close_it_came() =>
        Say(new SimulatedUse(50, 0, 0, null, [7, 41])).ShouldBe("Of 50 calls in the last 7 days, these limits would have refused none, if each minute's calls came evenly. Its busiest time used 41 % of the tightest.");

    [Fact]
    public void Without_calls_nothing_is_promised() => Say(new SimulatedUse(0, 0, 0, null, [0])).ShouldBe("No call in the last 7 days: nothing tells what these limits would refuse.");

    private string Say(SimulatedUse use) => LimitEffectWords.Of(use, new ViewerTime(JSInterop.JSRuntime, new TestClock()));
}
