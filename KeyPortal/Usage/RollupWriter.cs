using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Usage;

/// <summary>
/// Brings what <see cref="UsageRecorder"/> counted to the disk, a batch in a transaction. A batch that could not be written, or of which nobody
/// knows whether it was, is tried again as it is until it is in; meanwhile the recorder goes on counting.
/// </summary>
public sealed partial class RollupWriter(UsageRecorder recorder, IDbContextFactory<UsageDb> contexts, TimeProvider clock, ILogger<RollupWriter> logger) : IDisposable
{
    /// <summary>How long counts are kept by the minute: a week and a day, for charts of the day and its comparison with the days before.</summary>
    public static readonly TimeSpan MinutesKeptFor = TimeSpan.FromDays(8);

    private static readonly TimeSpan TalliesEvery = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly string _source = EntityId.New("run", clock.Now());
    private RollupBatch? _batch;
    private long _sequence;
    private long _talliedAt;
    private int _prunedInHour;
    private DateTimeOffset? _failingSince;

    /// <summary>True while the store does not take what was counted.</summary>
    public bool IsFailing => _failingSince is not null;

    /// <summary>Writes everything counted so far; false when the store does not take it now. Nothing is lost by that.</summary>
    public Task<bool> FlushAsync(CancellationToken cancellationToken = default) => FlushAsync(withTallies: true, cancellationToken);

    /// <summary>
    /// The same, but the tallies only every <see cref="TalliesEvery"/>: they have several rows a key, which mostly are the same ones again, and writing them
    /// costs more than all the rest.
    /// </summary>
    internal Task<bool> FlushOftenAsync(CancellationToken cancellationToken) => FlushAsync(clock.GetElapsedTime(_talliedAt) >= TalliesEvery, cancellationToken);

    private async Task<bool> FlushAsync(bool withTallies, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // The batch that failed goes first and alone: adding to it would count twice what may be in already.
            return await TryWriteAsync(cancellationToken) && (Take(withTallies) is null || await TryWriteAsync(cancellationToken));
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private RollupBatch? Take(bool withTallies)
    {
        var (cells, tallies) = (new Dictionary<UsageCell, long>(), new Dictionary<TallyCell, long>());
        recorder.TakeCounts(cells);
        if (withTallies)
        {
            recorder.TakeTallies(tallies);
            _talliedAt = clock.GetTimestamp();
        }

        return _batch = cells.Count == 0 && tallies.Count == 0 ? null : new RollupBatch(_source, ++_sequence, cells, Tally.Split(tallies));
    }

    private async Task<bool> TryWriteAsync(CancellationToken cancellationToken)
    {
        if (_batch is null)
        {
            return true;
        }

        var now = clock.Now();
        try
        {
            await using var db = contexts.CreateDbContext();
            await _batch.WriteAsync(db, now, cancellationToken);
            _batch = null;
            if (_failingSince is { } since)
            {
                _failingSince = null;
                Log.Healed(logger, since);
            }

            await PruneAsync(db, now, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever it is, a lost disk or a bug, the counts stay in memory; said once and not each second.
            if (_failingSince is null)
            {
                _failingSince = now;
                Log.Failing(logger, e);
            }

            return _batch is null;
        }
    }

    /// <summary>Drops minutes and tallies past their time, once an hour.</summary>
    private async Task PruneAsync(UsageDb db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var hour = UsageTime.HourOf(now);
        if (_prunedInHour == hour)
        {
            return;
        }

        var (oldest, oldestDay) = (UsageTime.MinuteOf(now - MinutesKeptFor), UsageTime.DayOf(now - MinutesKeptFor));
        await db.Set<CallTally>().Where(t => t.Day < oldestDay).ExecuteDeleteAsync(cancellationToken);
        await db.Set<MinuteRollup>().Where(r => r.Minute < oldest).ExecuteDeleteAsync(cancellationToken);
        await db.Set<WrittenBatch>().Where(b => b.Minute < oldest && b.Source != _source).ExecuteDeleteAsync(cancellationToken);
        _prunedInHour = hour;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Usage cannot be written. Counting goes on in memory, and writing is tried again every second")]
        public static partial void Failing(ILogger logger, Exception cause);

        [LoggerMessage(Level = LogLevel.Information, Message = "Usage is written again; it could not be since {Since:O}. No count was lost")]
        public static partial void Healed(ILogger logger, DateTimeOffset since);
    }
}
