using KeyPortal.Limits;

namespace KeyPortal.Tests.Limits;

/// <summary>Random limits and what clients may do with them, and the bounds that must hold of what passed.</summary>
internal static class Schedules
{
    private const int Seeds = 10_000;

    /// <summary>Between any two grants, both counted: at most the burst and what leaked out meanwhile. In whole numbers: the cost minus the limit, times the window, is at most the time times the limit.</summary>
    public static void KeepToBurstAndRate(List<(long At, long Cost)> passed, RateLimit limit)
    {
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
    }

    /// <summary>In any span as long as a window.</summary>
    public static void KeepBelowTwiceTheLimit(List<(long At, long Cost)> passed, RateLimit limit)
    {
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
    }

    public static void ForEachSeed(Action<Random> check)
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

    /// <summary>Small ones mostly, for they are refused most; now and then the largest there are.</summary>
    public static RateLimit RandomLimit(Random random, LimitAlgorithm? algorithm = null)
    {
        var limit = random.Next(8) switch { 0 => LimitRules.MaxLimit, 1 => random.NextInt64(1, LimitRules.MaxLimit), _ => random.Next(1, 20) };
        var window = random.Next(8) switch { 0 => LimitRules.MaxWindowSeconds, 1 => random.NextInt64(1, LimitRules.MaxWindowSeconds), _ => random.Next(1, 100) };
        return new RateLimit("limit", algorithm ?? (LimitAlgorithm)random.Next(3), limit, window);
    }

    public static long RandomCost(Random random, long most) => random.Next(3) == 0 ? random.NextInt64(1, most + 1) : Math.Max(1, Math.Min(most, most / random.Next(1, 10)));

    /// <summary>From nothing to more than a window, mostly about the time in which one more comes free; and the very edges of a window.</summary>
    public static TimeSpan RandomPause(Random random, RateLimit limit) => random.Next(6) switch
    {
        0 => TimeSpan.Zero,
        2 => TimeSpan.FromSeconds(limit.WindowSeconds),
        3 => TimeSpan.FromSeconds(limit.WindowSeconds) - TimeSpan.FromTicks(1),
        1 => TimeSpan.FromTicks(random.NextInt64(0, limit.WindowSeconds * TimeSpan.TicksPerSecond * 3 / 2)),
        _ => TimeSpan.FromTicks(random.NextInt64(0, Math.Max(2, limit.WindowSeconds * TimeSpan.TicksPerSecond * 2 / Math.Min(limit.Limit, 10)))),
    };
}
