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

    private readonly WriteTurn _turn = new(clock, e => Log.Failing(logger, e), since => Log.Healed(logger, since));
    private readonly WriteTurn _pruning = new(clock, e => Log.NotPruned(logger, e), since => Log.PrunedAgain(logger, since));
    private readonly SteadyClock _steady = new(clock);
    private readonly string _source = EntityId.New("run", clock.Now());
    private RollupBatch? _batch;
    private long _sequence;
    private long _talliedAt;
    private int _prunedInHour;

    /// <summary>True while the store does not take what was counted.</summary>
    public bool IsFailing => _turn.IsFailing;

    /// <summary>Writes everything counted so far; false when the store does not take it now. Nothing is lost by that.</summary>
    public Task<bool> FlushAsync(CancellationToken cancellationToken = default) => FlushAsync(withTallies: true, cancellationToken);

    /// <summary>
    /// The same, but the tallies only every <see cref="TalliesEvery"/>: they have several rows a key, which mostly are the same ones again, and writing them
    /// costs more than all the rest.
    /// </summary>
    internal Task<bool> FlushOftenAsync(CancellationToken cancellationToken) => FlushAsync(clock.GetElapsedTime(_talliedAt) >= TalliesEvery, cancellationToken);

    private Task<bool> FlushAsync(bool withTallies, CancellationToken cancellationToken) =>
        _turn.RunAsync(async token =>
        {
            // The batch that failed goes first and alone: adding to it would count twice what may be in already.
            await WriteAsync(token);
            Take(withTallies);
            await WriteAsync(token);
            // Within this turn, so that the two never wait for each other's lock, but what cannot be dropped is no reason to say that nothing is written.
            await _pruning.RunAsync(PruneAsync, token);
        }, cancellationToken);

    public void Dispose()
    {
        _turn.Dispose();
        _pruning.Dispose();
    }

    private void Take(bool withTallies)
    {
        var (cells, tallies) = (new Dictionary<UsageCell, long>(), new Dictionary<TallyCell, long>());
        recorder.TakeCounts(cells);
        if (withTallies)
        {
            recorder.TakeTallies(tallies);
            _talliedAt = clock.GetTimestamp();
        }

        _batch = cells.Count == 0 && tallies.Count == 0 ? null : new RollupBatch(_source, ++_sequence, cells, Tally.Split(tallies));
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        if (_batch is not null)
        {
            await using var db = contexts.CreateDbContext();
            await _batch.WriteAsync(db, clock.Now(), _steady.Now() - MinutesKeptFor ?? DateTimeOffset.UnixEpoch, cancellationToken);
            _batch = null;
        }
    }

    /// <summary>Drops minutes and tallies past their time, once an hour.</summary>
    private async Task PruneAsync(CancellationToken cancellationToken)
    {
        if (_steady.Now() is not { } now || UsageTime.HourOf(now) is var hour && _prunedInHour == hour)
        {
            return;
        }

        await using var db = contexts.CreateDbContext();
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

        [LoggerMessage(Level = LogLevel.Warning, Message = "Old counts of usage cannot be dropped. New ones are written, nothing is lost, and dropping is tried again every second")]
        public static partial void NotPruned(ILogger logger, Exception cause);

        [LoggerMessage(Level = LogLevel.Information, Message = "Old counts of usage are dropped again; they could not be since {Since:O}")]
        public static partial void PrunedAgain(ILogger logger, DateTimeOffset since);
    }
}
