using KeyPortal.Limits;

namespace KeyPortal.Tests.Limits;

/// <summary>What was counted on a limit before it was another: told when it comes back, and at no other time.</summary>
public sealed class FormerLimitTests
{
    [Theory]
    [InlineData(LimitAlgorithm.FixedWindow)]
    [InlineData(LimitAlgorithm.SlidingWindow)]
    [InlineData(LimitAlgorithm.TokenBucket)]
    public void A_change_beside_a_limit_brings_nothing_of_its_former_back(LimitAlgorithm algorithm)
    {
        var limit = new RateLimit("main", algorithm, 100, 60, null);
        var counted = Counted.With(Counted.Fixed(1000, 86_400, name: "main"));
        counted.Pass(900).ShouldBe(900);
        counted.Set(limit).Ask();
        counted.Wait(3600);

        counted.Set(limit, Counted.Bucket(1_000_000, 60, name: "other")).Peek().Standings[0].Used.ShouldBe(0);
        counted.Set(limit with { WarnAtPercent = 80 }).Peek().Standings[0].Used.ShouldBe(0);
        counted.Set(Counted.Fixed(1000, 86_400, name: "main")).Peek().Standings[0].Used.ShouldBeGreaterThanOrEqualTo(900, "it comes back within its day");
    }

    [Theory]
    [InlineData(LimitAlgorithm.FixedWindow)]
    [InlineData(LimitAlgorithm.SlidingWindow)]
    [InlineData(LimitAlgorithm.TokenBucket)]
    public void Steady_calls_keep_no_former_alive(LimitAlgorithm algorithm)
    {
        var former = new RateLimit("main", algorithm, 1000, 3600, null);
        var counted = Counted.With(former);
        counted.Ask();
        counted.Set(Counted.Fixed(100, 60, name: "main"));
        for (var minute = 0; minute < 180; minute++)
        {
            counted.Pass(50).ShouldBe(50);
            counted.Wait(60);
        }

        counted.Set(former).Peek().Standings[0].Used.ShouldBe(0);
    }

    [Fact]
    public void All_limits_of_a_key_taken_off_at_once_and_put_back_give_nothing_out_twice()
    {
        RateLimit[] ten = [.. Enumerable.Range(0, 2 * LimitRules.MaxRateLimits).Select(i => Counted.Fixed(5, 3600, name: $"limit-{i}"))];
        var counted = Counted.With(ten);
        counted.Pass(10).ShouldBe(5);

        counted.Set(Counted.Fixed(1_000_000, 1, name: "another")).Ask();

        counted.Set(ten).Peek().Standings.ShouldAllBe(s => s.Used == 5);
    }

    [Fact]
    public void A_call_under_way_does_not_bring_limits_back_that_were_and_are_no_more()
    {
        var counted = Counted.With(Counted.Bucket(10, 60));
        counted.Ask();
        var underWay = counted.Set(Counted.Bucket(1000, 60)).Key;
        counted.Set(Counted.Bucket(10, 60)).Pass(20);

        Span<LimitStanding> standings = stackalloc LimitStanding[LimitCounters.MaxStandings];
        counted.Counters.TryAcquire(underWay, 500, standings, out var held).ShouldBe(Acquired.Refused);
        held.RateLimits[0].Limit.ShouldBe(10);
    }
}
