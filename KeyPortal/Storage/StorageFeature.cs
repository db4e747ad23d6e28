using KeyPortal.Primitives;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace KeyPortal.Storage;

/// <summary>Registers the databases and brings them up to date.</summary>
public static partial class StorageFeature
{
    public static void AddStorage(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        var data = new DataDirectory(builder.Configuration["KeyPortal:DataDirectory"] ?? "data");
        services.AddSingleton(_ => data); // A factory, so that the container disposes it and with it the lock.
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<CommitSignals>();
        services.AddSingleton<Writer>();
        services.AddDbContextFactory<SqliteDb>(options => options
            .UseSqlite(ConnectionString(data.MainDatabase))
            .ConfigureWarnings(QuietFailures)
            .AddInterceptors(new SqliteConnectionSetup("FULL")));
        services.AddDbContextFactory<SqliteUsageDb>(options => options
            .UseSqlite(ConnectionString(data.UsageDatabase))
            .ConfigureWarnings(QuietFailures)
            .AddInterceptors(new SqliteConnectionSetup("NORMAL")));
        services.AddSingleton<IDbContextFactory<KeyPortalDb>, ProviderContexts<KeyPortalDb, SqliteDb>>();
        services.AddSingleton<IDbContextFactory<UsageDb>, ProviderContexts<UsageDb, SqliteUsageDb>>();
        services.AddScoped<KeyPortalDb>(s => s.GetRequiredService<IDbContextFactory<SqliteDb>>().CreateDbContext());
    }

    /// <summary>Creates or migrates both databases, for a process that holds the data directory.</summary>
    public static async Task MigrateStorageAsync(this IServiceProvider services, CancellationToken cancellationToken = default)
    {
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger("KeyPortal.Storage");
        await using (var main = services.GetRequiredService<IDbContextFactory<KeyPortalDb>>().CreateDbContext())
        {
            await MigrateAsync(main, cancellationToken);
        }

        await using (var usage = services.GetRequiredService<IDbContextFactory<UsageDb>>().CreateDbContext())
        {
            await MigrateAsync(usage, cancellationToken);
        }

        if (SqliteNative.IsBundled)
        {
            Log.BundledSqlite(log, SqliteNative.Version);
        }
        else
        {
            Log.SystemSqlite(log, SqliteNative.Version, SqliteNative.Library);
        }
    }

    private static async Task MigrateAsync(DbContext db, CancellationToken cancellationToken)
    {
        // EF Core's own lock is a row, which a process killed while it migrates leaves behind: the next start would wait for it for ever. The data
        // directory's lock, which the caller holds, ends with its process.
        await db.Database.ExecuteSqlAsync($"""CREATE TABLE IF NOT EXISTS "__EFMigrationsLock" ("Id" INTEGER NOT NULL CONSTRAINT "PK___EFMigrationsLock" PRIMARY KEY, "Timestamp" TEXT NOT NULL)""", cancellationToken);
        await db.Database.ExecuteSqlAsync($"""DELETE FROM "__EFMigrationsLock" """, cancellationToken);
        var known = db.Database.GetMigrations().ToList();
        if ((await db.Database.GetAppliedMigrationsAsync(cancellationToken)).Except(known).LastOrDefault() is { } unknown)
        {
            // Their names begin with their date.
            throw new StartupException(string.CompareOrdinal(unknown, known[^1]) > 0
                ? "This data was written by a newer KeyPortal than this one. Run the newer one."
                : $"This data was written by a KeyPortal before its first release ({unknown}), which none since can read. Name another directory with KeyPortal__DataDirectory.");
        }

        await db.Database.MigrateAsync(cancellationToken);
        // Kept in the file's header. EF Core sets it only on a file it made itself; ours is made before, and a restored one comes without.
        await db.Database.ExecuteSqlAsync($"PRAGMA journal_mode=WAL", cancellationToken);
    }

    /// <summary>
    /// A failure is thrown, and logged by whoever catches it. EF Core would log it too, each time: once a second for as long as a disk is full.
    /// </summary>
    private static void QuietFailures(WarningsConfigurationBuilder warnings) => warnings.Log(
        (RelationalEventId.ConnectionError, LogLevel.Debug),
        (RelationalEventId.TransactionError, LogLevel.Debug),
        (RelationalEventId.CommandError, LogLevel.Debug));

    private static string ConnectionString(string file) => new SqliteConnectionStringBuilder
    {
        DataSource = file,
        ForeignKeys = true,
        Pooling = true,
        DefaultTimeout = 10,
    }.ToString();

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "SQLite {Version} from the system's {Library}")]
        public static partial void SystemSqlite(ILogger logger, string version, string library);

        [LoggerMessage(Level = LogLevel.Warning, Message = "No SQLite library on this machine: using the bundled {Version}, which gets no security fixes. Install the system's own (Debian: apt-get install libsqlite3-0; Alpine: apk add sqlite-libs; Fedora: dnf install sqlite-libs)")]
        public static partial void BundledSqlite(ILogger logger, string version);
    }
}
