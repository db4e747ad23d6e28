using KeyPortal.Primitives;

namespace KeyPortal.Access;

/// <summary>Sweeps a minute after the start and once a day from then on.</summary>
internal sealed partial class Sweeping(Sweeper sweeper, TimeProvider clock, ILogger<Sweeping> log) : BackgroundService
{
    // Not at once: whoever waits for a start waits for a page.
    private static readonly TimeSpan First = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Every = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var wait = First; ; wait = Every)
        {
            await Task.Delay(wait, clock, stoppingToken);
            try
            {
                await sweeper.SweepAsync(stoppingToken);
            }
            catch (StorageUnavailableException e)
            {
                Log.Failed(log, e.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Ended sessions and spent links could not be deleted; the next try is tomorrow: {Cause}")]
        public static partial void Failed(ILogger logger, string cause);
    }
}
