using KeyPortal.Keys;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;

namespace KeyPortal.Tests.Usage;

/// <summary>A real usage.db without a server around it, whose disk can be made to fail.</summary>
internal sealed class UsageFile : IDbContextFactory<UsageDb>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("keyportal-usage-").FullName;
    private readonly IInterceptor[] _interceptors;

    public UsageFile(params IInterceptor[] interceptors)
    {
        _interceptors = interceptors;
        using var db = CreateDbContext();
        db.Database.Migrate();
    }

    public TestClock Clock { get; } = new();

    // A second for a lock, where the program waits five.
    private string ConnectionString => $"Data Source={Path.Combine(_folder, "usage.db")};Default Timeout=1";

    public UsageDb CreateDbContext() => new SqliteUsageDb(new DbContextOptionsBuilder<SqliteUsageDb>().UseSqlite(ConnectionString).AddInterceptors(_interceptors).Options);

    public RollupWriter Writer(UsageRecorder recorder) => new(recorder, this, Clock, NullLogger<RollupWriter>.Instance);

    public UsageEvent Event(ValidationCode code = ValidationCode.Valid, string? keyId = "key_1", string organizationId = "org_1") =>
        new(Clock.Now, organizationId, keyId, keyId is null ? 0 : 1, code, "203.0.113.9", TimeSpan.FromMicroseconds(20));

    /// <summary>The totals of both tables, which must agree.</summary>
    public async Task<long> TotalAsync()
    {
        await using var db = CreateDbContext();
        var minutes = await db.Set<MinuteRollup>().SumAsync(r => r.Count);
        (await db.Set<HourRollup>().SumAsync(r => r.Count)).ShouldBe(minutes);
        return minutes;
    }

    public async Task RunAsync(string sql)
    {
        await using var connection = new SqliteConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Holds the file's write lock until disposed, as a backup tool or another program might.</summary>
    public async Task<IAsyncDisposable> LockAsync()
    {
        // Not from the pool, which would keep the connection open and the lock with it.
        var connection = new SqliteConnection(ConnectionString + ";Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "BEGIN EXCLUSIVE";
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }
}
