using KeyPortal.Limits;

namespace KeyPortal.Tests.Limits;

/// <summary>What must hold of the algorithms whatever clients do: random limits, schedules and costs, ten thousand of each, with a driven clock.</summary>
public sealed class LimitProperties
{
    [Fact]
    public void Token_bucket_never_lets_more_through_than_its_burst_and_its_rate_allow() => Schedules.ForEachSeed(random =>
    {
        var limit = Schedules.RandomLimit(random, LimitAlgorithm.TokenBucket);
        Schedules.KeepToBurstAndRate(Passed(random, limit), limit);
    });

    [Fact]
    public void Fixed_window_never_lets_more_than_its_limit_through_in_a_window() => Schedules.ForEachSeed(random =>
    {
        var limit = Schedules.RandomLimit(random, LimitAlgorithm.FixedWindow);
        var (start, sum) = (long.MinValue / 2, 0L);
        foreach (var (at, cost) in Passed(random, limit))
        {
            if (at - start >= limit.WindowSeconds * TimeSpan.TicksPerSecond)
            {
                (start, sum) = (at, 0);
            }

            sum += cost;
            Assert.True(sum <= limit.Limit, $"{sum} passed in one window of {limit}");
        }
    });

    [Fact]
    public void Sliding_window_lets_less_than_twice_its_limit_through_in_any_span_of_its_length() => Schedules.ForEachSeed(random =>
    {
        var limit = Schedules.RandomLimit(random, LimitAlgorithm.SlidingWindow);
        Schedules.KeepBelowTwiceTheLimit(Passed(random, limit), limit);
    });

    [Fact]
    public void Sliding_window_counts_even_calls_to_within_one()
    {
        // One call each tenth of the window: in steady state the estimate can be off by the one call that is just leaving.
        var counted = Counted.With(Counted.Sliding(1000, 100));
        for (var call = 1; call <= 100; call++)
        {
            var used = counted.Ask().Standings[0].Used;
            Assert.InRange(used, Math.Min(call, 10), Math.Min(call, 10) + 1);
            counted.Wait(10);
        }
    }

    [Fact]
    public void Sliding_window_refuses_no_client_whose_calls_come_evenly_at_the_limit() => Schedules.ForEachSeed(random =>
    {
        var limit = Schedules.RandomLimit(random, LimitAlgorithm.SlidingWindow) with { Limit = random.Next(1, 20) };
        var window = limit.WindowSeconds * TimeSpan.TicksPerSecond;
        var counted = Counted.With(limit);
        var start = counted.Clock.GetTimestamp();
        // By a time table of its own, to the tick; or with a pause that is no shorter than it must be; or with a longer one.
        var pause = ((window + limit.Limit - 1) / limit.Limit) + (random.Next(3) == 0 ? random.NextInt64(window) : 0);
        var keepsTimes = random.Next(2) == 0;
        for (var call = 1L; call <= 4 * limit.Limit; call++)
        {
            Assert.True(counted.Ask().IsGranted, $"Call {call} of {limit} was refused");
            counted.Clock.Advance(TimeSpan.FromTicks(keepsTimes ? start + (long)((Int128)call * window / limit.Limit) - counted.Clock.GetTimestamp() : pause));
        }
    });

    [Fact]
    public void Sliding_window_lets_a_single_call_wait_no_longer_than_a_window() => Schedules.ForEachSeed(random =>
    {
        var limit = Schedules.RandomLimit(random, LimitAlgorithm.SlidingWindow);
        var counted = Counted.With(limit);
        for (var call = 0; call < 40; call++)
        {
            counted.Ask(Schedules.RandomCost(random, limit.Limit));
            Assert.InRange(counted.Peek().RetryAfterSeconds ?? 0, 0, limit.WindowSeconds);
            counted.Clock.Advance(Schedules.RandomPause(random, limit) / random.Next(1, 4));
        }
    });

    [Fact]
    public void A_client_that_waits_as_told_is_never_refused_twice_and_is_told_no_second_too_many() => Schedules.ForEachSeed(random =>
    {
        var limits = Enumerable.Range(0, random.Next(1, 4)).Select(i => Schedules.RandomLimit(random) with { Name = $"l{i}" }).ToArray();
        var most = limits.Min(l => l.Limit);
        var counted = Counted.With(limits);
        for (var call = 0; call < 40; call++)
        {
            var cost = Schedules.RandomCost(random, most);
            var report = counted.Ask(cost);
            if (!report.IsGranted)
            {
                var wait = report.RetryAfterSeconds!.Value;
                Assert.True(wait >= 1, $"Told to wait {wait} s");
                Assert.All(report.Standings.Where(s => s.Is(LimitMarks.Refused)), s => Assert.True(wait >= s.ResetSeconds, $"Retry-After {wait} is earlier than t={s.ResetSeconds}"));
                counted.Wait(wait - 1);
                Assert.True(wait == 1 || !counted.Peek(cost).IsGranted, $"{wait - 1} s would have been enough, and it was told {wait}");
                counted.Wait(1);
                Assert.True(counted.Ask(cost).IsGranted, $"Refused after waiting the {wait} s it was told; {string.Join("; ", limits.AsEnumerable())}");
            }

            counted.Clock.Advance(Schedules.RandomPause(random, limits[0]));
        }
    });

    [Fact]
    public void What_a_reading_says_remains_can_be_had_and_not_one_more() => Schedules.ForEachSeed(random =>
    {
        var counted = Counted.With(Schedules.RandomLimit(random));
        for (var call = 0; call < 20; call++)
        {
            var cost = Schedules.RandomCost(random, counted.Key.Limits.RateLimits[0].Limit);
            var before = counted.Peek(cost);
            var remaining = before.Standings[0].Remaining;
            Assert.Equal(cost <= remaining, before.IsGranted);
            var after = counted.Ask(cost);
            Assert.Equal(before.IsGranted, after.IsGranted);
            Assert.Equal(after.IsGranted ? remaining - cost : remaining, after.Standings[0].Remaining);
            if (after.Standings[0] is { Used: > 0 } standing)
            {
                counted.Wait(standing.ResetSeconds);
                Assert.True(counted.Peek().Standings[0].Remaining > standing.Remaining, $"After the {standing.ResetSeconds} s told nothing more was there");
            }

            counted.Clock.Advance(Schedules.RandomPause(random, counted.Key.Limits.RateLimits[0]));
        }
    });

    [Fact]
    public void Changing_a_limit_neither_grants_twice_nor_resets_what_was_spent() => Schedules.ForEachSeed(random =>
    {
        var before = Schedules.RandomLimit(random);
        var counted = Counted.With(before);
        for (var call = 0; call < 10; call++)
        {
            counted.Ask(Schedules.RandomCost(random, before.Limit));
            counted.Clock.Advance(Schedules.RandomPause(random, before) / 10);
        }

        var used = counted.Peek().Standings[0].Used;
        var after = Schedules.RandomLimit(random) with { Name = before.Name };
        var standing = counted.Set(after).Peek().Standings[0];
        Assert.Equal(Math.Min(used, after.Limit), Math.Min(standing.Used, after.Limit));

        // And it comes free again: two windows later nothing of it is left.
        counted.Wait(2.0 * after.WindowSeconds);
        Assert.Equal(0, counted.Peek().Standings[0].Used);
    });

    [Fact]
    public void Setting_the_wall_clock_neither_resets_nor_blocks_a_rate_limit() => Schedules.ForEachSeed(random =>
    {
        var limit = Schedules.RandomLimit(random);
        var (steady, shaken) = (Counted.With(limit), Counted.With(limit));
        for (var call = 0; call < 20; call++)
        {
            var (cost, pause) = (Schedules.RandomCost(random, limit.Limit), Schedules.RandomPause(random, limit));
            shaken.Clock.ShiftWall(TimeSpan.FromSeconds(random.Next(-5_000_000, 5_000_000)));
            Assert.Equal(steady.Ask(cost).Standings, shaken.Ask(cost).Standings);
            steady.Clock.Advance(pause);
            shaken.Clock.Advance(pause);
        }
    });

    private static List<(long At, long Cost)> Passed(Random random, RateLimit limit)
    {
        var counted = Counted.With(limit);
        List<(long At, long Cost)> passed = [];
        for (var call = 0; call < 60; call++)
        {
            var cost = Schedules.RandomCost(random, limit.Limit);
            if (counted.Ask(cost).IsGranted)
            {
                passed.Add((counted.Clock.GetTimestamp(), cost));
            }

            counted.Clock.Advance(Schedules.RandomPause(random, limit));
        }

        return passed;
    }
}
