using KeyPortal.Storage;

namespace KeyPortal.Usage;

/// <summary>Keeps the disk up with the counts: rollups every second (what calls asked for every ten), last uses every fifteen; and both once more when the program stops.</summary>
internal sealed partial class UsageWriting(RollupWriter rollups, LastUses uses, TimeProvider clock, ILogger<UsageWriting> logger) : DrainedService(clock)
{
    private static readonly TimeSpan RollupsEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UsesEvery = TimeSpan.FromSeconds(15);

    // Two loops, so that counting does not wait for key management.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        RepeatAsync(RollupsEvery, rollups.FlushOftenAsync, stoppingToken),
        RepeatAsync(UsesEvery, uses.WriteAsync, stoppingToken));

    protected override async Task DrainAsync(CancellationToken cancellationToken)
    {
        if (!await TryAsync(rollups.FlushAsync, RollupsEvery, cancellationToken))
        {
            Log.Lost(logger);
        }

        await uses.WriteAsync(cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Critical, Message = "Stopped while usage could not be written: what was counted since is lost")]
        public static partial void Lost(ILogger logger);
    }
}
