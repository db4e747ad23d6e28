using System.Data.Common;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KeyPortal.Tests.Usage;

public sealed class RollupWriterTests
{
    [Fact]
    public async Task While_the_file_is_locked_calls_are_counted_and_afterwards_all_are_in()
    {
        using var file = new UsageFile();
        var recorder = new UsageRecorder(new ValidationLatency());
        using var writer = file.Writer(recorder);
        await using (await file.LockAsync())
        {
            recorder.Record(file.Event());
            (await writer.FlushAsync()).ShouldBeFalse();
            writer.IsFailing.ShouldBeTrue();
            recorder.Record(file.Event());
            (await writer.FlushAsync()).ShouldBeFalse();
            recorder.Record(file.Event());
        }

        (await writer.FlushAsync()).ShouldBeTrue();

        writer.IsFailing.ShouldBeFalse();
        (await file.TotalAsync()).ShouldBe(3);
    }

    [Fact]
    public async Task A_batch_that_fails_half_way_leaves_nothing_and_is_written_whole_later()
    {
        using var file = new UsageFile();
        var recorder = new UsageRecorder(new ValidationLatency());
        using var writer = file.Writer(recorder);
        await file.RunAsync("CREATE TRIGGER full BEFORE INSERT ON usage_hours WHEN NEW.KeyId = 'key_2' BEGIN SELECT RAISE(ABORT, 'no room'); END");
        recorder.Record(file.Event(keyId: "key_1"));
        recorder.Record(file.Event(keyId: "key_2"));

        (await writer.FlushAsync()).ShouldBeFalse();
        (await file.TotalAsync()).ShouldBe(0);
        recorder.Record(file.Event(keyId: "key_2"));
        await file.RunAsync("DROP TRIGGER full");

        (await writer.FlushAsync()).ShouldBeTrue();
        (await file.TotalAsync()).ShouldBe(3);
    }

    [Fact]
    public async Task A_batch_whose_commit_reached_the_disk_but_was_not_acknowledged_is_not_counted_twice()
    {
        var lost = new LostAcknowledgement();
        using var file = new UsageFile(lost);
        var recorder = new UsageRecorder(new ValidationLatency());
        using var writer = file.Writer(recorder);
        recorder.Record(file.Event());
        lost.Next = LostAcknowledgement.When.AfterCommit;

        (await writer.FlushAsync()).ShouldBeFalse();
        (await file.TotalAsync()).ShouldBe(1);
        recorder.Record(file.Event());
        (await writer.FlushAsync()).ShouldBeTrue();

        (await file.TotalAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task A_batch_whose_commit_failed_unknown_to_all_is_not_lost()
    {
        var lost = new LostAcknowledgement();
        using var file = new UsageFile(lost);
        var recorder = new UsageRecorder(new ValidationLatency());
        using var writer = file.Writer(recorder);
        recorder.Record(file.Event());
        lost.Next = LostAcknowledgement.When.BeforeCommit;

        (await writer.FlushAsync()).ShouldBeFalse();
        (await file.TotalAsync()).ShouldBe(0);
        recorder.Record(file.Event());
        (await writer.FlushAsync()).ShouldBeTrue();

        (await file.TotalAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task An_outage_is_logged_when_it_begins_and_when_it_ends_and_not_in_between()
    {
        using var file = new UsageFile();
        var recorder = new UsageRecorder(new ValidationLatency());
        var log = new LevelsLogged();
        using var writer = new RollupWriter(recorder, file, file.Clock, log);
        await file.RunAsync("ALTER TABLE usage_hours RENAME TO gone");
        for (var i = 0; i < 5; i++)
        {
            recorder.Record(file.Event());
            (await writer.FlushAsync()).ShouldBeFalse();
        }

        await file.RunAsync("ALTER TABLE gone RENAME TO usage_hours");
        (await writer.FlushAsync()).ShouldBeTrue();
        recorder.Record(file.Event());
        (await writer.FlushAsync()).ShouldBeTrue();

        log.ShouldBe([LogLevel.Error, LogLevel.Information]);
        (await file.TotalAsync()).ShouldBe(6);
    }

    [Fact]
    public async Task An_hour_of_a_key_is_written_once_a_batch_however_many_minutes_it_has()
    {
        using var file = new UsageFile();
        var recorder = new UsageRecorder(new ValidationLatency());
        using var writer = file.Writer(recorder);
        await file.RunAsync("CREATE TABLE written (Hour INT); CREATE TRIGGER one AFTER INSERT ON usage_hours BEGIN INSERT INTO written VALUES (NEW.Hour); END; CREATE TRIGGER more AFTER UPDATE ON usage_hours BEGIN INSERT INTO written VALUES (NEW.Hour); END");
        for (var minute = 0; minute < 90; minute++)
        {
            recorder.Record(file.Event());
            file.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        (await writer.FlushAsync()).ShouldBeTrue();

        (await file.TotalAsync()).ShouldBe(90);
        await using var db = file.CreateDbContext();
        (await db.Database.SqlQueryRaw<int>("SELECT COUNT(*) AS Value FROM written").SingleAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task A_clock_that_is_ahead_for_a_moment_drops_no_minutes()
    {
        using var file = new UsageFile();
        var recorder = new UsageRecorder(new ValidationLatency());
        using var writer = file.Writer(recorder);
        recorder.Record(file.Event());
        (await writer.FlushAsync()).ShouldBeTrue();
        file.Clock.Advance(TimeSpan.FromHours(2));
        file.Clock.ShiftWall(TimeSpan.FromDays(30));
        recorder.Record(file.Event());
        (await writer.FlushAsync()).ShouldBeTrue();

        (await file.TotalAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task While_nothing_can_be_written_charts_show_what_was_written_before_and_later_everything()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var queries = portal.Get<UsageQueries>();
        portal.Calls(cast.AcmeId, null, 2, KeyPortal.Keys.ValidationCode.Malformed);
        (await queries.SummaryAsync(cast.Alice, UsagePeriod.Hours24)).Value.Current.Calls.ShouldBe(2);
        await using (var db = portal.Get<IDbContextFactory<KeyPortal.Storage.UsageDb>>().CreateDbContext())
        {
            await db.Database.ExecuteSqlRawAsync("CREATE TRIGGER full BEFORE INSERT ON usage_hours BEGIN SELECT RAISE(ABORT, 'no room'); END");
            portal.Calls(cast.AcmeId, null, 3, KeyPortal.Keys.ValidationCode.Malformed);
            (await queries.SummaryAsync(cast.Alice, UsagePeriod.Hours24)).Value.Current.Calls.ShouldBe(2);
            await db.Database.ExecuteSqlRawAsync("DROP TRIGGER full");
        }

        (await portal.Get<RollupWriter>().FlushAsync()).ShouldBeTrue();
        (await queries.SummaryAsync(cast.Alice, UsagePeriod.Hours24)).Value.Current.Calls.ShouldBe(5);
    }

    [Fact]
    public async Task Minutes_are_dropped_after_eight_days_and_hours_stay()
    {
        using var file = new UsageFile();
        var recorder = new UsageRecorder(new ValidationLatency());
        using var writer = file.Writer(recorder);
        recorder.Record(file.Event());
        await writer.FlushAsync();
        file.Clock.Advance(RollupWriter.MinutesKeptFor + TimeSpan.FromMinutes(1));
        recorder.Record(file.Event());
        await writer.FlushAsync();

        await using var db = file.CreateDbContext();
        (await db.Set<MinuteRollup>().Select(r => r.Minute).ToListAsync()).ShouldBe([UsageTime.MinuteOf(file.Clock.Now)]);
        (await db.Set<HourRollup>().CountAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task Minutes_that_cannot_be_dropped_are_said_so_and_no_reason_to_call_writing_broken()
    {
        using var file = new UsageFile();
        var recorder = new UsageRecorder(new ValidationLatency());
        var log = new LevelsLogged();
        using var writer = new RollupWriter(recorder, file, file.Clock, log);
        recorder.Record(file.Event());
        await writer.FlushAsync();
        file.Clock.Advance(RollupWriter.MinutesKeptFor + TimeSpan.FromMinutes(1));
        await file.RunAsync("CREATE TRIGGER kept BEFORE DELETE ON usage_minutes BEGIN SELECT RAISE(ABORT, 'no'); END");
        for (var i = 0; i < 3; i++)
        {
            recorder.Record(file.Event());
            (await writer.FlushAsync()).ShouldBeTrue();
            writer.IsFailing.ShouldBeFalse();
        }

        (await file.TotalAsync()).ShouldBe(4);
        log.ShouldBe([LogLevel.Warning]);
        await file.RunAsync("DROP TRIGGER kept");
        (await writer.FlushAsync()).ShouldBeTrue();

        log.ShouldBe([LogLevel.Warning, LogLevel.Information]);
        await using var db = file.CreateDbContext();
        (await db.Set<MinuteRollup>().CountAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Stopping_the_program_writes_what_was_counted()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = (await portal.KeyAsync(cast.Alice)).Key;
        var recorder = portal.Get<UsageRecorder>();
        for (var i = 0; i < 1000; i++)
        {
            recorder.Record(new UsageEvent(portal.Clock.Now, cast.AcmeId, key.Id, 1, KeyPortal.Keys.ValidationCode.Valid, "203.0.113.9", TimeSpan.Zero));
        }

        await portal.Get<IHost>().StopAsync();

        // Read without the program, which may be gone altogether by now.
        (await ReadAsync(portal.DataDirectory, "usage.db", "SELECT SUM(Count) FROM usage_hours")).ShouldBe(1000);
        (await ReadAsync(portal.DataDirectory, "keyportal.db", "SELECT LastUsedAt FROM api_keys")).ShouldBe(portal.Clock.Now.ToUnixTimeMilliseconds());
    }

    private static async Task<long> ReadAsync(string folder, string file, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, file)};Mode=ReadOnly");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private sealed class LevelsLogged : List<LogLevel>, ILogger<RollupWriter>
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Add(logLevel);
    }

    /// <summary>Breaks the connection just before or just after a commit, as a dying disk or network does.</summary>
    private sealed class LostAcknowledgement : DbTransactionInterceptor
    {
        public enum When
        {
            Never,
            BeforeCommit,
            AfterCommit,
        }

        public When Next { get; set; }

        public override ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
        {
            Break(When.BeforeCommit);
            return ValueTask.FromResult(result);
        }

        public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Break(When.AfterCommit);
            return Task.CompletedTask;
        }

        private void Break(When here)
        {
            if (Next == here)
            {
                Next = When.Never;
                throw new IOException("The disk does not answer.");
            }
        }
    }
}
