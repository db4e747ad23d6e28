using KeyPortal.Limits;

namespace KeyPortal.Tests.Limits;

/// <summary>What must hold of the algorithms whatever clients do: random limits, schedules and costs, ten thousand of each, with a driven clock.</summary>
public sealed class LimitProperties
{
    private const int Seeds = 10_000;

    [Fact]
    public void Token_bucket_never_lets_more_through_than_its_burst_and_its_rate_allow() => ForEachSeed(random =>
    {
        var limit = RandomLimit(random, LimitAlgorithm.TokenBucket);
        var passed = Passed(random, limit);

        // Between any two grants, both counted: at most the burst and what leaked out meanwhile. In whole numbers: the cost minus the limit, times the window, is at most the time times the limit.
        for (var first = 0; first < passed.Count; first++)
        {
            Int128 sum = 0;
            for (var last = first; last < passed.Count; last++)
            {
                sum += passed[last].Cost;
                Assert.True((sum - limit.Limit) * limit.WindowSeconds * TimeSpan.TicksPerSecond <= (Int128)(passed[last].At - passed[first].At) * limit.Limit,
                    $"{sum} passed in {passed[last].At - passed[first].At} ticks of {limit}");
            }
        }
    });

    [Fact]
    public void Fixed_window_never_lets_more_than_its_limit_through_in_a_window() => ForEachSeed(random =>
    {
        var limit = RandomLimit(random, LimitAlgorithm.FixedWindow);
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
    public void Sliding_window_lets_less_than_twice_its_limit_through_in_any_span_of_its_length() => ForEachSeed(random =>
    {
        var limit = RandomLimit(random, LimitAlgorithm.SlidingWindow);
        var passed = Passed(random, limit);
        var (first, sum) = (0, 0L);
        foreach (var (at, cost) in passed)
        {
            sum += cost;
            while (at - passed[first].At >= limit.WindowSeconds * TimeSpan.TicksPerSecond)
            {
                sum -= passed[first++].Cost;
            }

            Assert.True(sum < 2 * limit.Limit, $"{sum} passed in a span of {limit}");
        }
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
    public void A_client_that_waits_as_told_is_never_refused_twice() => ForEachSeed(random =>
    {
        var limits = Enumerable.Range(0, random.Next(1, 4)).Select(i => RandomLimit(random) with { Name = $"l{i}" }).ToArray();
        var most = limits.Min(l => l.Limit);
        var counted = Counted.With(limits);
        for (var call = 0; call < 40; call++)
        {
            var cost = RandomCost(random, most);
            var report = counted.Ask(cost);
            if (!report.IsGranted)
            {
                var wait = report.RetryAfterSeconds!.Value;
                Assert.True(wait >= 1, $"Told to wait {wait} s");
                Assert.All(report.Standings.Where(s => s.Is(LimitMarks.Refused)), s => Assert.True(wait >= s.ResetSeconds, $"Retry-After {wait} is earlier than t={s.ResetSeconds}"));
                counted.Wait(wait);
                Assert.True(counted.Ask(cost).IsGranted, $"Refused after waiting the {wait} s it was told; {string.Join("; ", limits.AsEnumerable())}");
            }

            counted.Clock.Advance(RandomPause(random, limits[0]));
        }
    });

    [Fact]
    public void What_a_reading_says_remains_can_be_had_and_not_one_more() => ForEachSeed(random =>
    {
        var counted = Counted.With(RandomLimit(random));
        for (var call = 0; call < 20; call++)
        {
            var cost = RandomCost(random, counted.Key.Limits.RateLimits[0].Limit);
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

            counted.Clock.Advance(RandomPause(random, counted.Key.Limits.RateLimits[0]));
        }
    });

    [Fact]
    public void Changing_a_limit_neither_grants_twice_nor_resets_what_was_spent() => ForEachSeed(random =>
    {
        var before = RandomLimit(random);
        var counted = Counted.With(before);
        for (var call = 0; call < 10; call++)
        {
            counted.Ask(RandomCost(random, before.Limit));
            counted.Clock.Advance(RandomPause(random, before) / 10);
        }

        var used = counted.Peek().Standings[0].Used;
        var after = RandomLimit(random) with { Name = before.Name };
        var standing = counted.Set(after).Peek().Standings[0];
        Assert.Equal(Math.Min(used, after.Limit), Math.Min(standing.Used, after.Limit));

        // And it comes free again: two windows later nothing of it is left.
        counted.Wait(2.0 * after.WindowSeconds);
        Assert.Equal(0, counted.Peek().Standings[0].Used);
    });

    [Fact]
    public void Setting_the_wall_clock_neither_resets_nor_blocks_a_rate_limit() => ForEachSeed(random =>
    {
        var limit = RandomLimit(random);
        var (steady, shaken) = (Counted.With(limit), Counted.With(limit));
        for (var call = 0; call < 20; call++)
        {
            var (cost, pause) = (RandomCost(random, limit.Limit), RandomPause(random, limit));
            shaken.Clock.ShiftWall(TimeSpan.FromSeconds(random.Next(-5_000_000, 5_000_000)));
            Assert.Equal(steady.Ask(cost).Standings, shaken.Ask(cost).Standings);
            steady.Clock.Advance(pause);
            shaken.Clock.Advance(pause);
        }
    });

    private static void ForEachSeed(Action<Random> check)
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            try
            {
                check(new Random(seed));
            }
            catch (Exception e)
            {
                Assert.Fail($"Seed {seed}: {e.Message}");
            }
        }
    }

    private static List<(long At, long Cost)> Passed(Random random, RateLimit limit)
    {
        var counted = Counted.With(limit);
        List<(long At, long Cost)> passed = [];
        for (var call = 0; call < 60; call++)
        {
            var cost = RandomCost(random, limit.Limit);
            if (counted.Ask(cost).IsGranted)
            {
                passed.Add((counted.Clock.GetTimestamp(), cost));
            }

            counted.Clock.Advance(RandomPause(random, limit));
        }

        return passed;
    }

    /// <summary>Small ones mostly, for they are refused most; now and then the largest there are.</summary>
    private static RateLimit RandomLimit(Random random, LimitAlgorithm? algorithm = null)
    {
        var limit = random.Next(8) switch { 0 => LimitRules.MaxLimit, 1 => random.NextInt64(1, LimitRules.MaxLimit), _ => random.Next(1, 20) };
        var window = random.Next(8) switch { 0 => LimitRules.MaxWindowSeconds, 1 => random.NextInt64(1, LimitRules.MaxWindowSeconds), _ => random.Next(1, 100) };
        return new RateLimit("limit", algorithm ?? (LimitAlgorithm)random.Next(3), limit, window);
    }

    private static long RandomCost(Random random, long most) => random.Next(3) == 0 ? random.NextInt64(1, most + 1) : Math.Max(1, Math.Min(most, most / random.Next(1, 10)));

    /// <summary>From nothing to more than a window, mostly about the time in which one more comes free; and the very edges of a window.</summary>
    private static TimeSpan RandomPause(Random random, RateLimit limit) => random.Next(6) switch
    {
        0 => TimeSpan.Zero,
        2 => TimeSpan.FromSeconds(limit.WindowSeconds),
        3 => TimeSpan.FromSeconds(limit.WindowSeconds) - TimeSpan.FromTicks(1),
        1 => TimeSpan.FromTicks(random.NextInt64(0, limit.WindowSeconds * TimeSpan.TicksPerSecond * 3 / 2)),
        _ => TimeSpan.FromTicks(random.NextInt64(0, Math.Max(2, limit.WindowSeconds * TimeSpan.TicksPerSecond * 2 / Math.Min(limit.Limit, 10)))),
    };
}
