using Microsoft.Data.Sqlite;

namespace KeyPortal.Tests.Support;

/// <summary>A connection of somebody else's to a portal's database: it notices every commit, and can lock the portal out.</summary>
public sealed class Onlooker : IDisposable
{
    private readonly SqliteConnection _connection;

    public Onlooker(Portal portal)
    {
        _connection = new SqliteConnection($"Data Source={Path.Combine(portal.DataDirectory, "keyportal.db")};Pooling=False");
        _connection.Open();
    }

    /// <summary>Another number after each commit of another connection.</summary>
    public long CommitsSeen()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "PRAGMA data_version";
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Nobody else writes until this is disposed.</summary>
    public void Lock() => Run("BEGIN IMMEDIATE");

    /// <summary>Changes rows as another process would: without a word to this one.</summary>
    public void Run(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public void Dispose() => _connection.Dispose();
}
