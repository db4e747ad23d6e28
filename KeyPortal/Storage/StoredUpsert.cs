using System.Data.Common;
using Microsoft.EntityFrameworkCore.Storage;

namespace KeyPortal.Storage;

/// <summary>
/// A statement run many times within a transaction, with values instead of <c>@0</c>, <c>@1</c>, …: an insert that updates what is there is nothing EF Core can
/// say, and a batch may have a hundred thousand rows.
/// </summary>
public static class StoredUpsert
{
    public static DbCommand Command(IDbContextTransaction transaction, string sql, int parameters)
    {
        var dbTransaction = transaction.GetDbTransaction();
        var command = dbTransaction.Connection!.CreateCommand();
        command.Transaction = dbTransaction;
        command.CommandText = sql;
        for (var i = 0; i < parameters; i++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = $"@{i}";
            command.Parameters.Add(parameter);
        }

        return command;
    }

    public static Task<int> RunAsync(DbCommand upsert, ReadOnlySpan<object> values, CancellationToken cancellationToken)
    {
        for (var i = 0; i < values.Length; i++)
        {
            upsert.Parameters[i].Value = values[i];
        }

        return upsert.ExecuteNonQueryAsync(cancellationToken);
    }
}
