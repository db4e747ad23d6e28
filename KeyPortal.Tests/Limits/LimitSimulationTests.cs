using KeyPortal.Limits;
using KeyPortal.Tests.Support;
using static KeyPortal.Tests.Limits.Counted;

namespace KeyPortal.Tests.Limits;

/// <summary>What limits would have done to calls of which only the minute is known.</summary>
public sealed class LimitSimulationTests
{
    private static readonly DateTimeOffset Start = TestClock.Start;

    [Fact]
    public void Without_limits_nothing_is_refused_and_there_is_no_peak()
    {
        var use = LimitSimulation.Run(KeyLimits.None, Minutes(3, 1_000_000));

        (use.Calls, use.Refused, use.RefusedMinutes, use.LastRefusedAt).ShouldBe((3_000_000, 0, 0, null));
        use.Peaks.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(LimitAlgorithm.TokenBucket)]
    [InlineData(LimitAlgorithm.FixedWindow)]
    [InlineData(LimitAlgorithm.SlidingWindow)]
    public void Even_calls_at_the_limit_are_all_let_through(LimitAlgorithm algorithm)
    {
        var use = LimitSimulation.Run(Of(new RateLimit("rate", algorithm, 60, 60)), Minutes(30, 60));

        (use.Calls, use.Refused, use.LastRefusedAt).ShouldBe((1800, 0, null));
    }

    [Theory]
    [InlineData(LimitAlgorithm.TokenBucket, 1)]
    [InlineData(LimitAlgorithm.TokenBucket, 3)]
    [InlineData(LimitAlgorithm.FixedWindow, 1)]
    [InlineData(LimitAlgorithm.FixedWindow, 3)]
    [InlineData(LimitAlgorithm.SlidingWindow, 1)]
    [InlineData(LimitAlgorithm.SlidingWindow, 3)]
    public void Of_calls_that_did_come_evenly_it_refuses_as_many_as_the_counters(LimitAlgorithm algorithm, int callsPerSecond)
    {
        const int Played = 20;
        var limit = new RateLimit("rate", algorithm, 60, 60);
        var counted = Counted.With(limit);
        var refused = 0;
        for (var second = 0; second < Played * 60; second++)
        {
            refused += callsPerSecond - counted.Pass(callsPerSecond);
            counted.Wait(1);
        }

        LimitSimulation.Run(Of(limit), Minutes(Played, 60 * callsPerSecond)).Refused.ShouldBe(refused);
    }

    [Fact]
    public void Of_twice_the_limit_a_fixed_window_refuses_half()
    {
        var use = LimitSimulation.Run(Of(Fixed(60, 60)), Minutes(10, 120));

        (use.Calls, use.Refused, use.RefusedMinutes, use.LastRefusedAt).ShouldBe((1200, 600, 10, Start.AddMinutes(9)));
        use.Peaks.ShouldBe([100]);
    }

    [Fact]
    public void Of_twice_the_limit_a_sliding_window_refuses_about_half()
    {
        var use = LimitSimulation.Run(Of(Sliding(60, 60)), Minutes(10, 120));

        use.Refused.ShouldBeInRange(540, 640);
        use.Peaks.ShouldBe([100]);
    }

    [Fact]
    public void A_bucket_lends_its_burst_once_and_then_refuses_half()
    {
        var use = LimitSimulation.Run(Of(Bucket(60, 60)), Minutes(10, 120));

        // It leaks 600 in ten minutes and holds 60; what came in the very first second had not leaked yet.
        (1200 - use.Refused).ShouldBeInRange(657, 660);
        use.RefusedMinutes.ShouldBe(10);
    }

    [Fact]
    public void Silence_gives_room_back()
    {
        var use = LimitSimulation.Run(Of(Fixed(60, 300)), [(Start, 60), (Start.AddMinutes(1), 10), (Start.AddMinutes(5), 60)]);

        (use.Refused, use.RefusedMinutes, use.LastRefusedAt).ShouldBe((10, 1, Start.AddMinutes(1)));
    }

    [Fact]
    public void A_peak_is_the_most_that_was_used_and_not_the_last()
    {
        var use = LimitSimulation.Run(Of(Fixed(100, 60), Fixed(1_000, 3_600, name: "hour")), [(Start, 20), (Start.AddMinutes(2), 83), (Start.AddMinutes(4), 5)]);

        use.Refused.ShouldBe(0);
        use.Peaks.ShouldBe([83, 10]);
    }

    [Fact]
    public void All_limits_must_have_room_and_a_refused_call_spends_none()
    {
        var use = LimitSimulation.Run(KeyLimits.Of([Fixed(10, 60)], [new Quota(QuotaPeriod.Day, 100)], null, null), Minutes(12, 20));

        // Ten a minute pass for ten minutes; then the day is spent.
        (use.Calls, use.Refused, use.RefusedMinutes).ShouldBe((240, 140, 12));
        use.Peaks.ShouldBe([100, 100]);
    }

    [Fact]
    public void A_daily_quota_begins_anew_at_midnight_utc()
    {
        var midnight = new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);
        (DateTimeOffset, long)[] calls = [(midnight.AddHours(-2), 60), (midnight.AddHours(-1), 60), (midnight, 60), (midnight.AddHours(1), 40)];

        var use = LimitSimulation.Run(KeyLimits.Of([], [new Quota(QuotaPeriod.Day, 100)], null, null), calls);

        (use.Refused, use.RefusedMinutes, use.LastRefusedAt).ShouldBe((20, 1, midnight.AddHours(-1)));
    }

    [Fact]
    public void A_monthly_quota_goes_on_over_midnight_and_begins_anew_with_the_month()
    {
        var first = new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

        var use = LimitSimulation.Run(KeyLimits.Of([], [new Quota(QuotaPeriod.Month, 100)], null, null), [(first.AddDays(-2), 70), (first.AddDays(-1), 70), (first, 70)]);

        (use.Refused, use.LastRefusedAt).ShouldBe((40, first.AddDays(-1)));
    }

    [Fact]
    public void A_soft_quota_refuses_nothing_and_shows_how_far_it_was_passed()
    {
        var use = LimitSimulation.Run(KeyLimits.Of([], [new Quota(QuotaPeriod.Day, 100, QuotaMode.Soft)], null, null), Minutes(5, 50));

        use.Refused.ShouldBe(0);
        use.Peaks.ShouldBe([250]);
    }

    [Fact]
    public void A_window_of_a_week_remembers_the_week()
    {
        const long Week = 7 * 86_400;
        var days = Enumerable.Range(0, 8).Select(day => (Start.AddDays(day), 20L));

        var use = LimitSimulation.Run(Of(Fixed(100, Week)), days);

        // Five days spend it, two are refused whole, and the eighth begins a new window.
        (use.Calls, use.Refused, use.RefusedMinutes, use.LastRefusedAt).ShouldBe((160, 40, 2, Start.AddDays(6)));
    }

    [Fact]
    public void A_limit_of_which_the_last_part_is_no_whole_call_is_spent_all_the_same()
    {
        var use = LimitSimulation.Run(Of(Sliding(7, 3_600)), Minutes(90, 3));

        use.Refused.ShouldBeGreaterThan(0);
        use.Peaks.ShouldBe([100]);
    }

    [Theory]
    [InlineData(100, 60, 50, 50)]
    [InlineData(10, 1, 300, 50)]
    [InlineData(6_000, 3_600, 50, 50)]
    [InlineData(100, 90, 50, 75)]
    [InlineData(100, 60, 100, 100)]
    public void Of_a_bucket_the_peak_is_the_share_of_its_rate(long limit, long seconds, long callsPerMinute, int peak)
    {
        var use = LimitSimulation.Run(Of(Bucket(limit, seconds)), Minutes(120, callsPerMinute));

        use.Refused.ShouldBe(0);
        use.Peaks.ShouldBe([peak]);
    }

    [Fact]
    public void Of_a_bucket_the_busiest_span_counts_wherever_it_lies_and_no_more_than_its_window()
    {
        // 90 seconds hold all of 60 and half of 40; silence and what is farther away do not count.
        var use = LimitSimulation.Run(Of(Bucket(100, 90)), [(Start, 10), (Start.AddMinutes(10), 40), (Start.AddMinutes(11), 60), (Start.AddMinutes(30), 20)]);

        use.Peaks.ShouldBe([80]);
    }

    private static KeyLimits Of(params RateLimit[] limits) => KeyLimits.Of(limits, [], null, null);

    private static IEnumerable<(DateTimeOffset, long)> Minutes(int minutes, long calls) => Enumerable.Range(0, minutes).Select(i => (Start.AddMinutes(i), calls));
}
