using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Storage;

/// <summary>EF Core is bound to an older SQLitePCLRaw than it was compiled for: each member it needs that is missing would throw here first.</summary>
public sealed class SqliteLibraryTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    [Theory]
    [InlineData("journal_mode", "wal")]
    [InlineData("synchronous", "2")]
    [InlineData("foreign_keys", "1")]
    [InlineData("busy_timeout", "5000")]
    public async Task A_connection_is_set_up_as_the_design_wants_it(string pragma, string expected)
    {
        await using var db = shared.Portal.OpenDb();
        await db.Database.OpenConnectionAsync();
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = "PRAGMA " + pragma;
        (await command.ExecuteScalarAsync())!.ToString().ShouldBe(expected);
    }

    [Fact]
    public void Values_of_every_kind_come_back_as_they_went()
    {
        using var connection = Open();
        byte[] blob = [0, 1, 255, 0];
        const string text = "a\u0001 Ünïcode 🔑 שלום \u202E\uFFFF";
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT $long, $double, $text, $blob, $empty, $none, typeof($text), length($blob)";
        command.Parameters.AddWithValue("$long", long.MinValue);
        command.Parameters.AddWithValue("$double", 0.1);
        command.Parameters.AddWithValue("$text", text);
        command.Parameters.AddWithValue("$blob", blob);
        command.Parameters.AddWithValue("$empty", "");
        command.Parameters.AddWithValue("$none", DBNull.Value);
        using var reader = command.ExecuteReader();
        reader.Read().ShouldBeTrue();
        (reader.GetInt64(0), reader.GetDouble(1), reader.GetString(2), reader.GetString(4), reader.IsDBNull(5), reader.GetString(6), reader.GetInt64(7))
            .ShouldBe((long.MinValue, 0.1, text, "", true, "text", 4L));
        reader.GetFieldValue<byte[]>(3).ShouldBe(blob);
    }

    [Fact]
    public void A_savepoint_can_be_rolled_back_alone()
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction();
        Run(connection, "CREATE TABLE t (x)");
        transaction.Save("here");
        Run(connection, "INSERT INTO t VALUES (1)");
        transaction.Rollback("here");
        transaction.Commit();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM t";
        command.ExecuteScalar().ShouldBe(0L);
    }

    [Fact]
    public void A_running_database_can_be_copied()
    {
        using var from = new SqliteConnection($"Data Source={Path.Combine(shared.Portal.DataDirectory, "keyportal.db")}");
        using var to = Open();
        from.Open();
        from.BackupDatabase(to);
        using var command = to.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM organizations";
        command.ExecuteScalar().ShouldBe(2L);
    }

    [Fact]
    public void Functions_and_collations_of_ours_can_be_called()
    {
        using var connection = Open();
        connection.CreateFunction("twice", (long x) => 2 * x, isDeterministic: true);
        connection.CreateCollation("backwards", (a, b) => string.CompareOrdinal(b, a));
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT twice(21), (SELECT group_concat(x) FROM (SELECT 'a' AS x UNION ALL SELECT 'b' ORDER BY x COLLATE backwards))";
        using var reader = command.ExecuteReader();
        reader.Read().ShouldBeTrue();
        (reader.GetInt64(0), reader.GetString(1)).ShouldBe((42L, "b,a"));
    }

    [Fact]
    public void An_error_names_its_code_and_says_whether_it_is_an_outage()
    {
        using var connection = Open();
        var bug = Should.Throw<SqliteException>(() => Run(connection, "SELECT nonsense"));
        bug.SqliteErrorCode.ShouldBe(1);
        StorageUnavailableException.From(bug).ShouldBeNull();
        StorageUnavailableException.From(new InvalidOperationException()).ShouldBeNull();
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(8)]
    [InlineData(10)]
    [InlineData(13)]
    [InlineData(14)]
    public void An_outage_is_told_in_a_sentence_wherever_it_hides(int code)
    {
        var cause = new SqliteException("raw words", code, code | (1 << 8));
        foreach (var exception in (Exception[])[cause, new DbUpdateException("outer", cause)])
        {
            var outage = StorageUnavailableException.From(exception).ShouldNotBeNull();
            outage.Message.ShouldContain("Nothing was changed");
            outage.Message.ShouldNotContain("raw words");
            outage.InnerException.ShouldBe(exception);
            StorageUnavailableException.From(outage).ShouldBe(outage);
        }
    }

    [Fact]
    public void The_library_in_use_is_named()
    {
        SqliteNative.Library.ShouldNotBe("none");
        Version.Parse(SqliteNative.Version).ShouldBeGreaterThanOrEqualTo(new Version(3, 35));
    }

    private static SqliteConnection Open()
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        return connection;
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
