using System.Diagnostics;

namespace KeyPortal.Bench;

/// <summary>Times one call over and over on this thread: the median of several batches, and the bytes it allocates.</summary>
internal static class Measurement
{
    private const int Batches = 15;

    public static void Print(string name, TimeSpan duration, Action call)
    {
        var each = Calibrate(call, duration / Batches);
        var times = new double[Batches];
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var batch = 0; batch < Batches; batch++)
        {
            var began = Stopwatch.GetTimestamp();
            for (var i = 0; i < each; i++)
            {
                call();
            }

            times[batch] = Stopwatch.GetElapsedTime(began).TotalNanoseconds / each;
        }

        var bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)((long)each * Batches);
        Array.Sort(times);
        Console.WriteLine($"{name,-46} {times[Batches / 2],9:#,0} ns   ({times[0]:#,0} to {times[^1]:#,0})   {bytes,6:#,0} B");
    }

    /// <summary>How many calls fill a batch. Runs long enough for the compiler's last tier too.</summary>
    private static int Calibrate(Action call, TimeSpan batch)
    {
        var warmUntil = Stopwatch.GetTimestamp() + Stopwatch.Frequency;
        var count = 0L;
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetTimestamp() < warmUntil || count < 60_000)
        {
            call();
            count++;
        }

        return (int)Math.Max(1, batch / Stopwatch.GetElapsedTime(began) * count);
    }
}
