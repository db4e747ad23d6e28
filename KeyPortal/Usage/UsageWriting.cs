namespace KeyPortal.Usage;

/// <summary>Keeps the disk up with the counts: rollups every second, last uses every five; and both once more when the program stops.</summary>
internal sealed partial class UsageWriting(RollupWriter rollups, LastUses uses, TimeProvider clock, ILogger<UsageWriting> logger) : BackgroundService
{
    private const int TriesAtStop = 3;
    private static readonly TimeSpan RollupsEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UsesEvery = TimeSpan.FromSeconds(5);

    private readonly Lock _stopping = new();
    private Task? _drained;

    /// <summary>Comes after the HTTP server's own stop, for hosted services stop in reverse order: nothing is counted any more.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Task drained;
        lock (_stopping)
        {
            // A host may be told twice to stop, and whoever is answered first disposes everything.
            drained = _drained ??= Task.Run(() => DrainAsync(cancellationToken), CancellationToken.None);
        }

        await drained;
    }

    // Two loops, so that counting does not wait for key management.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        RepeatAsync(RollupsEvery, rollups.FlushAsync, stoppingToken),
        RepeatAsync(UsesEvery, uses.WriteAsync, stoppingToken));

    private async Task RepeatAsync(TimeSpan every, Func<CancellationToken, Task<bool>> act, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await act(stoppingToken);
        }
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        var written = await rollups.FlushAsync(cancellationToken);
        for (var tries = 1; !written && tries < TriesAtStop; tries++)
        {
            await Task.Delay(RollupsEvery, clock, cancellationToken);
            written = await rollups.FlushAsync(cancellationToken);
        }

        if (!written)
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
