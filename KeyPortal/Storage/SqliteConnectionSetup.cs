using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace KeyPortal.Storage;

/// <summary>
/// Sets what SQLite keeps per connection. <c>synchronous=FULL</c> syncs the write-ahead log at every commit: with NORMAL a commit that was
/// acknowledged can be lost with the power (https://www.sqlite.org/pragma.html#pragma_synchronous), which is no answer for a revocation.
/// </summary>
internal sealed class SqliteConnectionSetup(string synchronous) : DbConnectionInterceptor
{
    private readonly string _pragmas = $"PRAGMA busy_timeout=5000; PRAGMA synchronous={synchronous};";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = _pragmas;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = _pragmas;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
