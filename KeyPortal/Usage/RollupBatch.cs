using System.Data.Common;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace KeyPortal.Usage;

/// <summary>Counts on their way to the disk, numbered within one run of the program. Once made it does not change, for it may be in already.</summary>
internal sealed record RollupBatch(string Source, long Sequence, IReadOnlyDictionary<UsageCell, long> Cells)
{
    // Written by hand: an upsert that adds is nothing EF Core can say, and a batch may have a hundred thousand rows.
    private const string Columns = "\"OrganizationId\", \"KeyId\", \"SecretVersion\", \"Code\"";

    /// <summary>Adds the counts in one transaction, unless a former try has done so: then nothing happens.</summary>
    public async Task WriteAsync(UsageDb db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.Set<WrittenBatch>().AnyAsync(b => b.Source == Source && b.Sequence >= Sequence, cancellationToken))
        {
            return;
        }

        await MarkAsync(db, now, cancellationToken);
        await using var minutes = Upsert(transaction, "usage_minutes", "Minute");
        await using var hours = Upsert(transaction, "usage_hours", "Hour");
        var oldest = UsageTime.MinuteOf(now - RollupWriter.MinutesKeptFor);
        foreach (var (cell, count) in Cells)
        {
            if (cell.Minute >= oldest)
            {
                await AddAsync(minutes, cell, cell.Minute, count, cancellationToken);
            }

            await AddAsync(hours, cell, cell.Minute / UsageTime.MinutesPerHour, count, cancellationToken);
        }

        // Not cancelled any more: half-known outcomes are what the number guards against, but there is no need to make them.
        await transaction.CommitAsync(CancellationToken.None);
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

    private static DbCommand Upsert(IDbContextTransaction transaction, string table, string unit)
    {
        var dbTransaction = transaction.GetDbTransaction();
        var command = dbTransaction.Connection!.CreateCommand();
        command.Transaction = dbTransaction;
        command.CommandText =
            $"""
            INSERT INTO {table} ({Columns}, "{unit}", "Count") VALUES (@organization, @key, @version, @code, @time, @count)
            ON CONFLICT ({Columns}, "{unit}") DO UPDATE SET "Count" = {table}."Count" + excluded."Count"
            """;
        foreach (var name in (ReadOnlySpan<string>)["@organization", "@key", "@version", "@code", "@time", "@count"])
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private static Task<int> AddAsync(DbCommand upsert, in UsageCell cell, int time, long count, CancellationToken cancellationToken)
    {
        var parameters = upsert.Parameters;
        parameters[0].Value = cell.OrganizationId;
        parameters[1].Value = cell.KeyId;
        parameters[2].Value = cell.SecretVersion;
        parameters[3].Value = SnakeCase.Of(cell.Code);
        parameters[4].Value = time;
        parameters[5].Value = count;
        return upsert.ExecuteNonQueryAsync(cancellationToken);
    }
}
