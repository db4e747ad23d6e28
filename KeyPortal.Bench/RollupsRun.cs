using System.Diagnostics;
using KeyPortal.Keys;
using KeyPortal.Usage;

namespace KeyPortal.Bench;

/// <summary>What it costs to write counts of many keys and minutes in one batch, as after an outage of the disk.</summary>
internal static class RollupsRun
{
    public static async Task RunAsync(Options options)
    {
        var (keys, minutes) = (options.Number("keys", 1_000), options.Number("minutes", 60));
        var folder = Directory.CreateTempSubdirectory("keyportal-bench-").FullName;
        try
        {
            await using var instance = await Instance.CreateAsync(Path.Combine(folder, "data"));
            var (recorder, writer) = (instance.Get<UsageRecorder>(), instance.Get<RollupWriter>());
            for (var round = 0; round < 5; round++)
            {
                // Each round another day, so that rows are made and not changed.
                var start = DateTimeOffset.UtcNow.AddDays(-round);
                for (var minute = 0; minute < minutes; minute++)
                {
                    for (var key = 0; key < keys; key++)
                    {
                        recorder.Add(new UsageCell(UsageTime.MinuteOf(start.AddMinutes(minute)), "org_bench", $"key_{key}", 1, ValidationCode.Valid), 1);
                    }
                }

                var began = Stopwatch.GetTimestamp();
                if (!await writer.FlushAsync())
                {
                    throw new InvalidDataException("The batch was not written.");
                }

                Console.WriteLine($"{keys * minutes:#,0} cells of {keys:#,0} keys in {minutes} minutes: written in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.00} s");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
