using KeyPortal.Limits;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Limits;

/// <summary>Counters on a driven clock, and short words for asking them.</summary>
internal sealed class Counted
{
    private long _readings;

    public Counted(TestClock? clock = null)
    {
        Clock = clock ?? new TestClock();
        Counters = new LimitCounters(Clock);
    }

    public TestClock Clock { get; }

    public LimitCounters Counters { get; }

    public LimitedKey Key { get; private set; }

    public static RateLimit Bucket(long limit, long seconds, int? warn = null, string name = "burst") => new(name, LimitAlgorithm.TokenBucket, limit, seconds, warn);

    public static RateLimit Fixed(long limit, long seconds, int? warn = null, string name = "fixed") => new(name, LimitAlgorithm.FixedWindow, limit, seconds, warn);

    public static RateLimit Sliding(long limit, long seconds, int? warn = null, string name = "sliding") => new(name, LimitAlgorithm.SlidingWindow, limit, seconds, warn);

    public static Counted With(params RateLimit[] limits) => new Counted().Set(limits);

    /// <summary>The key has these limits from now on.</summary>
    public Counted Set(params RateLimit[] limits) => Set(limits, []);

    public Counted Set(RateLimit[] limits, Quota[] quotas)
    {
        Key = new LimitedKey(CounterId.Of("key_01k9zzzzzzzzzzzzzzzzzzzzzz"), "key_01k9zzzzzzzzzzzzzzzzzzzzzz", KeyLimits.Of(limits, quotas, null, null), ++_readings);
        return this;
    }

    public LimitReport Ask(long cost = 1) => Run(cost, spend: true);

    public LimitReport Peek(long cost = 1) => Run(cost, spend: false);

    /// <summary>How many of so many calls in a row pass.</summary>
    public int Pass(int calls, long cost = 1) => Enumerable.Range(0, calls).Count(_ => Ask(cost).IsGranted);

    /// <summary>Lets the counters know of the key, as its first call does; its quotas are then asked for.</summary>
    public void Name()
    {
        Span<LimitStanding> standings = stackalloc LimitStanding[LimitCounters.MaxStandings];
        Counters.Peek(Key, 1, standings, out _).ShouldBe(Acquired.QuotaUnknown);
    }

    /// <summary>The same where its quotas may be known already.</summary>
    public LimitedKey Know()
    {
        Span<LimitStanding> standings = stackalloc LimitStanding[LimitCounters.MaxStandings];
        Counters.Peek(Key, 1, standings, out _);
        return Key;
    }

    public void Wait(double seconds) => Clock.Advance(TimeSpan.FromSeconds(seconds));

    private LimitReport Run(long cost, bool spend)
    {
        Span<LimitStanding> standings = stackalloc LimitStanding[LimitCounters.MaxStandings];
        var acquired = spend ? Counters.TryAcquire(Key, cost, standings, out var held) : Counters.Peek(Key, cost, standings, out held);
        Assert.NotEqual(Acquired.QuotaUnknown, acquired);
        return new LimitReport(held, held.RateLimits.Length, standings[..held.Count].ToArray(), acquired == Acquired.Granted);
    }
}
