using KeyPortal.Keys.Pages;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Keys.Pages;

public sealed class ChangeEffectWordsTests
{
    private static readonly RefusedCalls Writes = new(300, [new RefusedCause("triggers:write", 300)], 0, 0);
    private static readonly RefusedCalls Elsewhere = new(10, [new RefusedCause("203.0.113.9", 10)], 0, 0);

    [Fact]
    public void One_cause_is_told_with_its_figures() =>
        Say(new ChangeEffect(12_431, Writes, RefusedCalls.None)).ShouldBe(("warning", "Of 12,431 valid calls in the last 7 days, 300 would have been refused: 300 needed triggers:write."));

    [Fact]
    public void Two_causes_may_meet_in_one_call_so_a_range_is_told() =>
        Say(new ChangeEffect(12_431, Writes, Elsewhere)).ShouldBe(
            ("warning", "Of 12,431 valid calls in the last 7 days, 300 to 310 would have been refused: 300 needed triggers:write, 10 came from 203.0.113.9."));

    [Fact]
    public void Causes_beyond_the_first_and_calls_without_an_address_are_summed_up() =>
        Say(new ChangeEffect(100, RefusedCalls.None, new RefusedCalls(20, [new RefusedCause("203.0.113.9", 9), new RefusedCause(null, 6)], 5, 0))).ShouldBe(
            ("warning", "Of 100 valid calls in the last 7 days, 20 would have been refused: 9 came from 203.0.113.9, 6 named no address, 5 came from other addresses."));

    [Fact]
    public void Nothing_refused_is_good_news_said_in_words() =>
        Say(new ChangeEffect(1, RefusedCalls.None, RefusedCalls.None)).ShouldBe(("good", "Of 1 valid call in the last 7 days, none would have been refused."));

    [Fact]
    public void What_is_not_known_is_said_and_is_no_good_news() =>
        Say(new ChangeEffect(50, RefusedCalls.None with { Unknown = 40 }, RefusedCalls.None with { Unknown = 1 })).ShouldBe(
            ("", "Of 50 valid calls in the last 7 days, none is known to have been refused by it. What 40 calls needed is not known. Where 1 call came from is not known."));

    [Fact]
    public void Without_calls_nothing_is_promised() =>
        Say(new ChangeEffect(0, RefusedCalls.None, RefusedCalls.None)).ShouldBe(("", "No valid call in the last 7 days: nothing tells what this change would refuse."));

    private static (string Tone, string Words) Say(ChangeEffect effect) => (ChangeEffectWords.ToneOf(effect), ChangeEffectWords.Of(effect));
}
