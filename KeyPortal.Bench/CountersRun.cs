using System.Security.Cryptography;
using KeyPortal.Limits;

namespace KeyPortal.Bench;

/// <summary>What counters hold in memory: one rate limit each, all of them in use; and that they leave it once nothing is spent any more.</summary>
internal static class CountersRun
{
    private const double Megabyte = 1e6;

    public static void Run(Options options)
    {
        var count = options.Number("keys", 1_000_000);
        var limits = KeyLimits.Of(new RateLimit("burst", LimitAlgorithm.TokenBucket, 1, 1));
        var counters = new LimitCounters(TimeProvider.System);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Span<LimitStanding> standings = stackalloc LimitStanding[LimitCounters.MaxStandings];
        Span<byte> id = stackalloc byte[2 * sizeof(ulong)];
        for (var i = 0; i < count; i++)
        {
            RandomNumberGenerator.Fill(id);
            var key = new LimitedKey(new CounterId(BitConverter.ToUInt64(id), BitConverter.ToUInt64(id[sizeof(ulong)..])), "", limits, 1);
            counters.TryAcquire(key, 1, standings, out _);
        }

        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        Console.WriteLine($"{counters.Count:#,0} counters: {bytes / Megabyte:#,0.0} MB, {bytes / (double)count:#,0} bytes each");
        Thread.Sleep(TimeSpan.FromSeconds(1.1));
        counters.Sweep();
        bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        Console.WriteLine($"swept when all were idle: {counters.Count:#,0} counters, {bytes / Megabyte:#,0.0} MB");
    }
}
