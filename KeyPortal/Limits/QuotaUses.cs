using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace KeyPortal.Limits;

/// <summary>Keeps quotas beyond the program: reads a key's use when it is first needed, and writes what was used since, twice a second and when the program stops.</summary>
public sealed partial class QuotaUses(LimitCounters counters, LimitWarnings warnings, IDbContextFactory<UsageDb> contexts, TimeProvider clock, ILogger<QuotaUses> logger) : IDisposable
{
    /// <summary>Totals of past periods are in the usage rollups; these serve the quota alone, and a clock that was set back.</summary>
    private const int DaysKept = 35;
    private const int MonthsKept = 25;

    private readonly WriteTurn _turn = new(clock, e => Log.Failing(logger, e));
    private readonly SteadyClock _steady = new(clock);
    private QuotaBatch? _failed;
    private int _prunedOn;

    /// <summary>Reads how much of the key's quotas is used in the periods of <paramref name="now"/>, and tells the counters.</summary>
    /// <exception cref="StorageUnavailableException">The database does not answer.</exception>
    public async Task LoadAsync(LimitedKey key, KeyLimits held, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var asked = counters.Asked;
        QuotaKey[] wanted = [.. Enumerable.Range(0, held.Quotas.Length).Select(i => new QuotaKey(key.KeyId, held.Quotas[i].Period, held.Quotas[i].Period.NumberAt(now)))];
        // Before the disk: what is written between the two is then found there.
        QuotaTotal[] leaving = [.. wanted.Select(w => counters.Ledger.Leaving(w))];
        try
        {
            await using var db = contexts.CreateDbContext();
            for (var i = 0; i < wanted.Length; i++)
            {
                var (period, number) = (wanted[i].Period, wanted[i].Number);
                var stored = await db.Set<QuotaUse>().Where(u => u.KeyId == key.KeyId && u.Period == period && u.Number == number).Select(u => new QuotaTotal(u.Used, u.WarnedFrom)).SingleOrDefaultAsync(cancellationToken);
                counters.Tell(key, period, number, QuotaTotal.Newer(stored, leaving[i]), asked);
            }
        }
        catch (Exception e) when (StorageUnavailableException.From(e) is { } outage)
        {
            throw outage;
        }
    }

    /// <summary>Tells the warnings, and writes all that was used so far; false when the store does not take it now. Nothing is lost by that.</summary>
    public Task<bool> FlushAsync(CancellationToken cancellationToken = default) => _turn.RunAsync(async token =>
    {
        var batch = counters.TakeQuotas();
        // Told before it is written that they were: a program that is killed in between tells one again, and keeps none to itself.
        warnings.Tell();
        if (_failed is { } failed)
        {
            batch.Add(failed);
        }

        _failed = batch;
        if (batch.Totals.Count > 0)
        {
            await WriteAsync(batch, token);
        }

        counters.Ledger.Written(batch);
        _failed = null;
    }, cancellationToken);

    public void Dispose() => _turn.Dispose();

    private async Task WriteAsync(QuotaBatch batch, CancellationToken cancellationToken)
    {
        await using var db = contexts.CreateDbContext();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await using var upsert = StoredUpsert.Command(
            transaction,
            """
            INSERT INTO quota_uses ("KeyId", "Period", "Number", "Used", "WarnedFrom") VALUES (@0, @1, @2, @3, @4)
            ON CONFLICT ("KeyId", "Period", "Number") DO UPDATE SET "Used" = excluded."Used", "WarnedFrom" = excluded."WarnedFrom" WHERE quota_uses."Used" < excluded."Used"
            """,
            parameters: 5);
        foreach (var (quota, total) in batch.Totals)
        {
            await StoredUpsert.RunAsync(upsert, [quota.KeyId, SnakeCase.Of(quota.Period), quota.Number, total.Used, total.WarnedFrom], cancellationToken);
        }

        await PruneAsync(db, cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
    }

    private async Task PruneAsync(UsageDb db, CancellationToken cancellationToken)
    {
        if (_steady.Now() is { } now && QuotaPeriod.Day.NumberAt(now) is var today && _prunedOn != today)
        {
            var month = QuotaPeriod.Month.NumberAt(now);
            await db.Set<QuotaUse>().Where(u => (u.Period == QuotaPeriod.Day && u.Number < today - DaysKept) || (u.Period == QuotaPeriod.Month && u.Number < month - MonthsKept)).ExecuteDeleteAsync(cancellationToken);
            _prunedOn = today;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Use of quotas cannot be written. Counting goes on in memory, and writing is tried again twice a second")]
        public static partial void Failing(ILogger logger, Exception cause);
    }
}
