using KeyPortal.Limits;

namespace KeyPortal.Tests.Limits;

/// <summary>What must hold of a limit however often it is changed: lowered and raised, given another window or another algorithm, and back.</summary>
public sealed class LimitChangeProperties
{
    private const int Steps = 50;

    [Fact]
    public void Whatever_limits_follow_each_other_each_keeps_its_own_bound() => Schedules.ForEachSeed(random =>
    {
        var limits = RandomLimits(random);
        var passed = Passed(random, limits);
        foreach (var limit in limits.Distinct())
        {
            List<(long At, long Cost)> own = [.. passed.Where(p => p.Limit == limit).Select(p => (p.At, p.Cost))];
            if (limit.Algorithm == LimitAlgorithm.TokenBucket)
            {
                Schedules.KeepToBurstAndRate(own, limit);
            }
            else
            {
                Schedules.KeepBelowTwiceTheLimit(own, limit);
            }
        }
    });

    [Fact]
    public void At_one_moment_no_more_passes_than_the_greatest_of_the_limits_that_follow_each_other() => Schedules.ForEachSeed(random =>
    {
        var limits = RandomLimits(random);
        var counted = Counted.With(limits[0]);
        var sum = 0L;
        for (var step = 0; step < Steps; step++)
        {
            var limit = limits[random.Next(limits.Length)];
            var cost = Schedules.RandomCost(random, limit.Limit);
            sum += counted.Set(limit).Ask(cost).IsGranted ? cost : 0;
        }

        Assert.True(sum <= limits.Max(l => l.Limit), $"{sum} passed at once");
    });

    [Fact]
    public void A_limit_that_was_another_for_a_while_says_no_less_than_one_that_never_was_and_no_more_than_before() => Schedules.ForEachSeed(random =>
    {
        var limits = RandomLimits(random);
        var (steady, changed) = (Counted.With(limits[0]), Counted.With(limits[0]));
        for (var call = 0; call < 10; call++)
        {
            var (cost, pause) = (Schedules.RandomCost(random, limits[0].Limit), Schedules.RandomPause(random, limits[0]) / 10);
            Assert.Equal(steady.Ask(cost).Standings, changed.Ask(cost).Standings);
            steady.Clock.Advance(pause);
            changed.Clock.Advance(pause);
        }

        var before = changed.Peek().Standings[0].Used;
        for (var change = 0; change < 4; change++)
        {
            changed.Set(limits[random.Next(limits.Length)]).Peek();
            var pause = Schedules.RandomPause(random, limits[0]) / 10;
            steady.Clock.Advance(pause);
            changed.Clock.Advance(pause);
        }

        Assert.InRange(changed.Set(limits[0]).Peek().Standings[0].Used, steady.Peek().Standings[0].Used, before);
    });

    private static RateLimit[] RandomLimits(Random random) => [.. Enumerable.Range(0, random.Next(2, 5)).Select(_ => Schedules.RandomLimit(random))];

    private static List<(RateLimit Limit, long At, long Cost)> Passed(Random random, RateLimit[] limits)
    {
        var (counted, limit) = (Counted.With(limits[0]), limits[0]);
        List<(RateLimit, long, long)> passed = [];
        for (var step = 0; step < Steps; step++)
        {
            if (random.Next(4) == 0)
            {
                limit = limits[random.Next(limits.Length)];
                counted.Set(limit);
            }

            var cost = Schedules.RandomCost(random, limit.Limit);
            if (counted.Ask(cost).IsGranted)
            {
                passed.Add((limit, counted.Clock.GetTimestamp(), cost));
            }

            counted.Clock.Advance(Schedules.RandomPause(random, limits[random.Next(limits.Length)]) / random.Next(1, 5));
        }

        return passed;
    }
}
