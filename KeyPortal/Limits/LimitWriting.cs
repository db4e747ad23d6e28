using KeyPortal.Storage;

namespace KeyPortal.Limits;

/// <summary>Brings quotas' use and violations to the disk, and once more when the program stops; sweeps counters that say nothing any more.</summary>
internal sealed partial class LimitWriting(QuotaUses quotas, LimitViolations violations, LimitCounters counters, TimeProvider clock, ILogger<LimitWriting> logger) : DrainedService(clock)
{
    /// <summary>A program that is killed forgets a second's calls at most.</summary>
    private static readonly TimeSpan QuotasEvery = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan ViolationsEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(30);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        RepeatAsync(QuotasEvery, quotas.FlushAsync, stoppingToken),
        RepeatAsync(ViolationsEvery, violations.FlushAsync, stoppingToken),
        RepeatAsync(SweepEvery, SweepAsync, stoppingToken));

    protected override async Task DrainAsync(CancellationToken cancellationToken)
    {
        if (!await TryAsync(quotas.FlushAsync, QuotasEvery, cancellationToken))
        {
            Log.Lost(logger);
        }

        await violations.FlushAsync(cancellationToken);
    }

    private Task SweepAsync(CancellationToken cancellationToken)
    {
        counters.Sweep();
        return Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Critical, Message = "Stopped while the use of quotas could not be written: what was used since is forgotten")]
        public static partial void Lost(ILogger logger);
    }
}
