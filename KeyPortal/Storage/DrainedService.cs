namespace KeyPortal.Storage;

/// <summary>Brings to the disk, again and again, what is counted in memory; and what is left once more when the program stops.</summary>
public abstract class DrainedService(TimeProvider clock) : BackgroundService
{
    private const int TriesAtStop = 3;

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

    /// <summary>Writes all there is, when nothing more will come.</summary>
    protected abstract Task DrainAsync(CancellationToken cancellationToken);

    protected async Task RepeatAsync(TimeSpan every, Func<CancellationToken, Task> act, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await act(stoppingToken);
        }
    }

    /// <summary>A few tries at what may fail for a moment; false when none succeeded.</summary>
    protected async Task<bool> TryAsync(Func<CancellationToken, Task<bool>> write, TimeSpan pause, CancellationToken cancellationToken)
    {
        var written = await write(cancellationToken);
        for (var tries = 1; !written && tries < TriesAtStop; tries++)
        {
            await Task.Delay(pause, clock, cancellationToken);
            written = await write(cancellationToken);
        }

        return written;
    }
}
