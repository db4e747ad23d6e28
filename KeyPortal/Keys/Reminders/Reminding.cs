using KeyPortal.Primitives;

namespace KeyPortal.Keys.Reminders;

/// <summary>Reminds two minutes after the start and once an hour from then on.</summary>
internal sealed partial class Reminding(KeyReminders reminders, TimeProvider clock, ILogger<Reminding> log) : BackgroundService
{
    // Not at once, and not together with the sweep: whoever waits for a start waits for a page.
    private static readonly TimeSpan First = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var wait = First; ; wait = Every)
        {
            await Task.Delay(wait, clock, stoppingToken);
            try
            {
                await reminders.SendAsync(stoppingToken);
            }
            catch (StorageUnavailableException e)
            {
                Log.Failed(log, e.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Reminders of keys' deadlines could not be sent; the next try is in an hour: {Cause}")]
        public static partial void Failed(ILogger logger, string cause);
    }
}
