using System.Data.Common;
using System.Runtime.InteropServices;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace KeyPortal.Usage;

/// <summary>Counts on their way to the disk, numbered within one run of the program. Once made it does not change, for it may be in already.</summary>
internal sealed record RollupBatch(string Source, long Sequence, IReadOnlyDictionary<UsageCell, long> Cells, IReadOnlyDictionary<Tally, long> Tallies)
{
    private const string Columns = "\"OrganizationId\", \"KeyId\", \"SecretVersion\", \"Code\"";
    private const string TallyColumns = "\"KeyId\", \"Day\", \"Kind\", \"Value\"";

    /// <summary>Adds the counts in one transaction, unless a former try has done so: then nothing happens.</summary>
    /// <param name="keptSince">Minutes and tallies before this would be dropped at once.</param>
    public async Task WriteAsync(UsageDb db, DateTimeOffset now, DateTimeOffset keptSince, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.Set<WrittenBatch>().AnyAsync(b => b.Source == Source && b.Sequence >= Sequence, cancellationToken))
        {
            return;
        }

        await MarkAsync(db, now, cancellationToken);
        await using var minutes = Upsert(transaction, "usage_minutes", "Minute");
        var oldest = UsageTime.MinuteOf(keptSince);
        foreach (var (cell, count) in Cells)
        {
            if (cell.Minute >= oldest)
            {
                await AddAsync(minutes, cell, cell.Minute, count, cancellationToken);
            }

        }

        await using var hours = Upsert(transaction, "usage_hours", "Hour");
        foreach (var (cell, count) in ByHour())
        {
            await AddAsync(hours, cell, cell.Minute / UsageTime.MinutesPerHour, count, cancellationToken);
        }

        await using var tallies = UpsertTally(transaction);
        var oldestDay = UsageTime.DayOf(keptSince);
        foreach (var (tally, count) in Tallies.Where(t => t.Key.Day >= oldestDay))
        {
            await StoredUpsert.RunAsync(tallies, [tally.KeyId, tally.Day, SnakeCase.Of(tally.Kind), tally.Value, count], cancellationToken);
        }

        // Not cancelled any more: half-known outcomes are what the number guards against, but there is no need to make them.
        await transaction.CommitAsync(CancellationToken.None);
    }

    /// <summary>The cells, each hour's in one: after an outage a batch has many minutes of the same keys.</summary>
    private Dictionary<UsageCell, long> ByHour()
    {
        Dictionary<UsageCell, long> hours = new(Cells.Count);
        foreach (var (cell, count) in Cells)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(hours, cell.InHour(), out _) += count;
        }

        return hours;
    }

    private Task<int> MarkAsync(UsageDb db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var minute = UsageTime.MinuteOf(now);
        return db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO usage_batches ("Source", "Sequence", "Minute") VALUES ({Source}, {Sequence}, {minute})
            ON CONFLICT ("Source") DO UPDATE SET "Sequence" = excluded."Sequence", "Minute" = excluded."Minute"
            """,
            cancellationToken);
    }

    private static DbCommand Upsert(IDbContextTransaction transaction, string table, string unit) => StoredUpsert.Command(
        transaction,
        $"""
        INSERT INTO {table} ({Columns}, "{unit}", "Count") VALUES (@0, @1, @2, @3, @4, @5)
        ON CONFLICT ({Columns}, "{unit}") DO UPDATE SET "Count" = {table}."Count" + excluded."Count"
        """,
        parameters: 6);

    /// <summary>A value is added while there is room for it; one that is there already always counts.</summary>
    private static DbCommand UpsertTally(IDbContextTransaction transaction) => StoredUpsert.Command(
        transaction,
        $"""
        INSERT INTO usage_tallies ({TallyColumns}, "Count") SELECT @0, @1, @2, @3, @4
        WHERE EXISTS (SELECT 1 FROM usage_tallies WHERE "KeyId" = @0 AND "Day" = @1 AND "Kind" = @2 AND "Value" = @3)
            OR (SELECT COUNT(*) FROM usage_tallies WHERE "KeyId" = @0 AND "Day" = @1 AND "Kind" = @2) < {CallTally.MostValues}
        ON CONFLICT ({TallyColumns}) DO UPDATE SET "Count" = usage_tallies."Count" + excluded."Count"
        """,
        parameters: 5);

    private static Task<int> AddAsync(DbCommand upsert, in UsageCell cell, int time, long count, CancellationToken cancellationToken) =>
        StoredUpsert.RunAsync(upsert, [cell.OrganizationId, cell.KeyId, cell.SecretVersion, SnakeCase.Of(cell.Code), time, count], cancellationToken);
}
