using System.Numerics;

namespace KeyPortal.Usage;

/// <summary>How long validations took since the last start: half of them at most <paramref name="P50"/>, ninety-nine in a hundred at most <paramref name="P99"/>.</summary>
public sealed record LatencyFigures(long Count, TimeSpan P50, TimeSpan P99);

/// <summary>
/// Durations in buckets whose width grows with them: 16 to each power of two, so that a figure is off by 3 % at most from 0.1 µs to
/// hours, in 8 KB and without a lock.
/// </summary>
public sealed class ValidationLatency
{
    private const int StepBits = 4;
    private const int Steps = 1 << StepBits;

    private readonly long[] _counts = new long[(64 - StepBits + 1) * Steps];

    public void Add(TimeSpan took) => Interlocked.Increment(ref _counts[BucketOf(Math.Max(0, took.Ticks))]);

    /// <summary>The figures so far; null before the first validation.</summary>
    public LatencyFigures? Read()
    {
        var counts = new long[_counts.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = Interlocked.Read(ref _counts[i]);
        }

        var total = counts.Sum();
        return total == 0 ? null : new LatencyFigures(total, Quantile(counts, total, 0.50), Quantile(counts, total, 0.99));
    }

    private static TimeSpan Quantile(long[] counts, long total, double share)
    {
        var rank = (long)Math.Ceiling(total * share);
        var bucket = 0;
        for (var seen = counts[0]; seen < rank; seen += counts[bucket])
        {
            bucket++;
        }

        return TimeSpan.FromTicks(MiddleOf(bucket));
    }

    /// <summary>Up to 16 ticks each its own bucket; above, the power of two and the four bits behind its first.</summary>
    private static int BucketOf(long ticks)
    {
        if (ticks < Steps)
        {
            return (int)ticks;
        }

        var power = BitOperations.Log2((ulong)ticks);
        return ((power - StepBits + 1) << StepBits) + (int)((ticks >> (power - StepBits)) & (Steps - 1));
    }

    private static long MiddleOf(int bucket)
    {
        if (bucket < Steps)
        {
            return bucket;
        }

        var shift = (bucket >> StepBits) - 1;
        var first = (long)(Steps + (bucket & (Steps - 1))) << shift;
        return first + ((1L << shift) >> 1);
    }
}
