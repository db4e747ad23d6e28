using KeyPortal.Limits;

namespace KeyPortal.Tests.Limits;

public sealed class LimitCountersTests
{
    private const int Callers = 64;

    [Theory]
    [InlineData(LimitAlgorithm.TokenBucket)]
    [InlineData(LimitAlgorithm.FixedWindow)]
    [InlineData(LimitAlgorithm.SlidingWindow)]
    public async Task Never_one_too_many_passes_with_64_parallel_callers(LimitAlgorithm algorithm)
    {
        var counted = Counted.With(new RateLimit("burst", algorithm, 10_007, 60));
        for (var window = 0; window < 3; window++)
        {
            (await PassInParallelAsync(counted, 400)).ShouldBe(10_007);
            counted.Ask().IsGranted.ShouldBeFalse();
            counted.Wait(120);
        }
    }

    [Fact]
    public async Task All_limits_or_none_are_spent_with_64_parallel_callers()
    {
        var counted = Counted.With(Counted.Bucket(5_000, 60), Counted.Fixed(7_777, 60), Counted.Sliding(10_000, 60));
        (await PassInParallelAsync(counted, 300)).ShouldBe(5_000);
        counted.Peek().Standings.ShouldAllBe(s => s.Used == 5_000);
    }

    [Fact]
    public async Task A_soft_and_a_hard_quota_are_exact_with_64_parallel_callers()
    {
        var counted = new Counted().Set([], [new Quota(QuotaPeriod.Day, 3_000), new Quota(QuotaPeriod.Month, 100, QuotaMode.Soft)]);
        Know(counted);
        (await PassInParallelAsync(counted, 100)).ShouldBe(3_000);
        counted.Peek().Standings.Select(s => s.Used).ShouldBe([3_000, 3_000]);
        counted.Peek().Standings[1].Marks.ShouldBe(LimitMarks.Near | LimitMarks.Over);
    }

    [Fact]
    public void A_refused_call_spends_nothing_and_never_extends_the_wait()
    {
        var counted = Counted.With(Counted.Bucket(10, 60), Counted.Fixed(5, 60));
        counted.Pass(5).ShouldBe(5);
        counted.Wait(10);
        for (var i = 0; i < 1000; i++)
        {
            counted.Ask().IsGranted.ShouldBeFalse();
        }

        var refused = counted.Ask();
        refused.Standings[0].Used.ShouldBe(4, "ten seconds gave back one and two thirds of five");
        refused.RetryAfterSeconds.ShouldBe(50);
        counted.Wait(50);
        counted.Ask().IsGranted.ShouldBeTrue();
    }

    [Fact]
    public void A_token_bucket_gives_its_burst_and_then_its_rate()
    {
        var counted = Counted.With(Counted.Bucket(100, 10));
        counted.Pass(150).ShouldBe(100);
        counted.Ask().RetryAfterSeconds.ShouldBe(1);
        for (var second = 0; second < 20; second++)
        {
            counted.Wait(1);
            counted.Pass(20).ShouldBe(10);
        }
    }

    [Fact]
    public void A_fixed_window_begins_with_its_first_call()
    {
        var counted = Counted.With(Counted.Fixed(3, 60));
        counted.Wait(59);
        counted.Pass(1).ShouldBe(1);
        counted.Wait(59);
        counted.Pass(5).ShouldBe(2);
        counted.Peek().Standings[0].RetryAfterSeconds.ShouldBe(1);
        counted.Wait(1);
        counted.Pass(5).ShouldBe(3);
    }

    [Fact]
    public void A_call_that_costs_more_than_a_limit_holds_can_never_pass_and_is_not_told_to_wait()
    {
        var report = Counted.With(Counted.Bucket(10, 60), Counted.Fixed(100, 60)).Ask(cost: 11);
        report.IsGranted.ShouldBeFalse();
        report.Standings[0].Marks.ShouldBe(LimitMarks.Refused | LimitMarks.Never);
        report.Standings[1].Marks.ShouldBe(LimitMarks.None);
        report.RetryAfterSeconds.ShouldBeNull();
    }

    [Fact]
    public void A_warning_is_told_from_its_percentage_on_and_first_once_a_window()
    {
        var counted = Counted.With(Counted.Fixed(10, 60, warn: 80));
        for (var window = 0; window < 3; window++)
        {
            var marks = Enumerable.Range(0, 11).Select(_ => counted.Ask().Standings[0].Marks).ToList();
            marks.ShouldBe([.. Enumerable.Repeat(LimitMarks.None, 7), LimitMarks.Near | LimitMarks.FirstNear, LimitMarks.Near, LimitMarks.Near, LimitMarks.Near | LimitMarks.Refused]);
            counted.Wait(60);
        }
    }

    [Fact]
    public void A_renamed_limit_keeps_its_count_and_a_new_one_begins_empty()
    {
        var counted = Counted.With(Counted.Fixed(10, 60, name: "old"));
        counted.Pass(7);
        counted.Set(Counted.Fixed(10, 60, name: "new"), Counted.Fixed(10, 3600, name: "more")).Peek().Standings.Select(s => s.Used).ShouldBe([7, 0]);
    }

    [Fact]
    public void Taking_all_limits_off_and_putting_them_back_in_mid_window_gives_nothing_back_while_nobody_calls()
    {
        var counted = Counted.With(Counted.Bucket(10, 3600));
        counted.Pass(10);
        counted.Set();
        counted.Set(Counted.Bucket(10, 3600)).Ask().IsGranted.ShouldBeFalse();
    }

    [Theory]
    [InlineData(LimitAlgorithm.FixedWindow)]
    [InlineData(LimitAlgorithm.SlidingWindow)]
    public void A_window_that_was_spent_stays_so_through_a_lower_limit_and_back(LimitAlgorithm algorithm)
    {
        var limit = new RateLimit("limit", algorithm, 100, 60);
        var counted = Counted.With(limit);
        counted.Pass(100).ShouldBe(100);
        counted.Set(limit with { Limit = 1 }).Pass(1).ShouldBe(0);
        counted.Set(limit).Pass(1).ShouldBe(0);
        counted.Set(limit with { Limit = 1 });
        counted.Wait(counted.Ask().RetryAfterSeconds!.Value);
        counted.Ask().IsGranted.ShouldBeTrue();
    }

    [Fact]
    public void A_lowered_limit_blocks_no_longer_than_its_own_window()
    {
        var counted = Counted.With(Counted.Bucket(1_000_000, 60));
        counted.Ask(1_000_000);
        counted.Set(Counted.Bucket(10, 60)).Ask().RetryAfterSeconds.ShouldBe(6);
        counted.Wait(60);
        counted.Peek().Standings[0].Used.ShouldBe(0);
    }

    [Fact]
    public void A_limit_lowered_and_raised_again_gives_nothing_out_twice()
    {
        var counted = Counted.With(Counted.Bucket(1_000, 60));
        counted.Pass(1_000).ShouldBe(1_000);
        counted.Set(Counted.Bucket(10, 60)).Pass(1).ShouldBe(0);
        counted.Set(Counted.Bucket(500, 60)).Pass(1).ShouldBe(0, "it is spent whichever limit comes");
        counted.Set(Counted.Bucket(1_000, 60)).Pass(1).ShouldBe(0);
        counted.Wait(60);
        counted.Pass(990).ShouldBe(990);
        counted.Set(Counted.Bucket(100, 60)).Pass(1).ShouldBe(0);
        counted.Wait(6);
        counted.Pass(100).ShouldBe(10);
        counted.Set(Counted.Bucket(1_000, 60)).Pass(1_000).ShouldBe(100, "a tenth of a window gave back 100, and 10 of the 110 went to the lower limit");
    }

    [Theory]
    [InlineData(LimitAlgorithm.TokenBucket)]
    [InlineData(LimitAlgorithm.FixedWindow)]
    [InlineData(LimitAlgorithm.SlidingWindow)]
    public void A_window_made_shorter_and_longer_again_gives_nothing_out_twice(LimitAlgorithm algorithm)
    {
        var limit = new RateLimit("limit", algorithm, 100, 3_600);
        var counted = Counted.With(limit);
        counted.Pass(100).ShouldBe(100);
        counted.Set(limit with { WindowSeconds = 1 }).Ask().IsGranted.ShouldBeFalse();
        counted.Wait(2);
        counted.Pass(1).ShouldBe(1, "the new window is over, too");
        counted.Set(limit).Ask().IsGranted.ShouldBeFalse();
        counted.Wait(counted.Peek().RetryAfterSeconds!.Value);
        counted.Ask().IsGranted.ShouldBeTrue();
    }

    [Fact]
    public void A_limit_taken_off_and_put_back_beside_another_keeps_its_count_and_counts_nothing_in_between()
    {
        var (hourly, other) = (Counted.Fixed(10, 3_600, name: "hourly"), Counted.Fixed(1_000, 60, name: "other"));
        var counted = Counted.With(hourly, other);
        counted.Pass(7);
        counted.Set(other).Pass(100).ShouldBe(100);
        counted.Set(hourly, other).Peek().Standings[0].Used.ShouldBe(7);
    }

    [Fact]
    public void Counters_of_a_changed_limit_stay_until_nothing_of_the_former_is_spent()
    {
        var counted = Counted.With(Counted.Fixed(10, 3_600));
        counted.Pass(1);
        counted.Set(Counted.Fixed(10, 1)).Pass(1);
        counted.Wait(2);
        counted.Counters.Sweep();
        counted.Counters.Count.ShouldBe(1);
        counted.Wait(3_600);
        counted.Counters.Sweep();
        counted.Counters.Count.ShouldBe(0);
    }

    [Fact]
    public void A_window_that_lies_across_a_full_minute_warns_once_all_the_same()
    {
        var counted = Counted.With(Counted.Fixed(10, 60, warn: 50), Counted.Bucket(10, 60, warn: 50));
        counted.Wait(30);
        Enumerable.Range(0, 6).SelectMany(_ => counted.Ask().Standings).Count(s => s.Is(LimitMarks.FirstNear)).ShouldBe(2);
        counted.Wait(31);
        Enumerable.Range(0, 4).SelectMany(_ => counted.Ask().Standings).Count(s => s.Is(LimitMarks.FirstNear)).ShouldBe(0);
    }

    [Fact]
    public void A_cost_below_one_is_a_mistake_and_gives_nothing_back()
    {
        var counted = Counted.With(Counted.Fixed(10, 60));
        counted.Pass(10);
        Should.Throw<ArgumentOutOfRangeException>(() => counted.Ask(-5));
        counted.Ask().IsGranted.ShouldBeFalse();
    }

    [Fact]
    public void Six_calls_of_a_sliding_day_at_once_are_followed_by_the_next_after_a_day()
    {
        var counted = Counted.With(Counted.Sliding(6, 86_400));
        counted.Pass(7).ShouldBe(6);
        counted.Peek().RetryAfterSeconds.ShouldBe(86_400);
    }

    [Fact]
    public void A_call_under_way_with_limits_read_before_a_change_does_not_bring_them_back()
    {
        var counted = Counted.With(Counted.Bucket(10, 60));
        counted.Pass(10);
        var before = counted.Key;
        counted.Set(Counted.Bucket(5, 60)).Ask().IsGranted.ShouldBeFalse();
        Span<LimitStanding> standings = stackalloc LimitStanding[LimitCounters.MaxStandings];
        counted.Wait(6);
        counted.Counters.TryAcquire(before, 1, standings, out var held).ShouldBe(Acquired.Refused);
        held.ShouldBe(counted.Key.Limits);
        standings[0].Limit.ShouldBe(5);
    }

    [Fact]
    public void Idle_counters_leave_memory_and_busy_ones_stay()
    {
        var counted = Counted.With(Counted.Bucket(10, 60));
        counted.Ask();
        counted.Counters.Sweep();
        counted.Counters.Count.ShouldBe(1);
        counted.Wait(6);
        counted.Counters.Sweep();
        counted.Counters.Count.ShouldBe(0);
    }

    [Fact]
    public void Limits_of_the_key_take_the_place_of_its_tiers_of_the_same_name_and_a_named_tier_of_the_default()
    {
        var tier = new LimitTier("gold", "", [Counted.Bucket(100, 60), Counted.Fixed(1000, 3600, name: "hour")], [new Quota(QuotaPeriod.Day, 5)]);
        var standard = new LimitTier("standard", "", [Counted.Bucket(1, 1)], []);
        var named = KeyLimits.Of([Counted.Bucket(7, 60)], [], tier, standard);
        named.RateLimits.ToArray().Select(l => l.Limit).ShouldBe([7, 1000]);
        (named.OwnRateLimits, named.OwnQuotas, named.Quotas.Length).ShouldBe((2, 1, 1));
        var unnamed = KeyLimits.Of([Counted.Fixed(7, 60)], [], null, standard);
        unnamed.RateLimits.ToArray().Select(l => l.Name).ShouldBe(["fixed", "burst"]);
        unnamed.OwnRateLimits.ShouldBe(1);
        KeyLimits.Of([], [], new LimitTier("unlimited", "", [], []), standard).ShouldBeSameAs(KeyLimits.None);
        KeyLimits.Of([Counted.Bucket(7, 60)], [], tier, null).ShouldBeSameAs(named);
    }

    private static void Know(Counted counted)
    {
        counted.Name();
        foreach (var quota in counted.Key.Limits.Quotas)
        {
            counted.Counters.Tell(counted.Key, quota.Period, quota.Period.NumberAt(counted.Clock.Now), default, counted.Counters.Asked);
        }
    }

    /// <summary>How many calls pass when all callers start at once, each with so many.</summary>
    private static async Task<int> PassInParallelAsync(Counted counted, int callsEach)
    {
        using var start = new Barrier(Callers);
        var passed = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Factory.StartNew(() =>
        {
            start.SignalAndWait();
            return counted.Pass(callsEach);
        }, TaskCreationOptions.LongRunning)));
        return passed.Sum();
    }
}
