using Microsoft.Data.Sqlite;

namespace KeyPortal.Operations;

/// <summary>Reads database files that are not this process's own: copies, and what a restore is about to replace. By SQL, for their tables may be older than the model.</summary>
internal static class StoredLogs
{
    /// <summary>The audit logs in a database file and their sizes.</summary>
    public static IReadOnlyList<BackedUpLog> Read(string database)
    {
        using var connection = Open(database);
        return Query(connection, """SELECT "OrganizationId", COUNT(*) FROM audit_entries GROUP BY "OrganizationId" ORDER BY 1""", row => new BackedUpLog(row.GetString(0), row.GetInt64(1)));
    }

    /// <summary>What <c>PRAGMA integrity_check</c> finds wrong, in one line; null when nothing.</summary>
    public static string? Damage(string database)
    {
        try
        {
            using var connection = Open(database);
            return Query(connection, "PRAGMA integrity_check(1)", row => row.GetString(0)) is ["ok"] ? null : "its integrity check fails";
        }
        catch (SqliteException e)
        {
            return e.Message;
        }
    }

    public static SqliteConnection Open(string database)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database, Pooling = false, Mode = SqliteOpenMode.ReadWrite }.ToString());
        connection.Open();
        return connection;
    }

    public static IReadOnlyList<T> Query<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T> map)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constant text, above and in RevokedSince.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        List<T> rows = [];
        while (reader.Read())
        {
            rows.Add(map(reader));
        }

        return rows;
    }
}
