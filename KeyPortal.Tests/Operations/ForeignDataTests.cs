using KeyPortal.Operations;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Operations;

/// <summary>A data directory that this program did not write, or not as it is now: one line, exit 1, and the files as they were.</summary>
public sealed class ForeignDataTests
{
    private const string History = """CREATE TABLE "__EFMigrationsHistory" ("MigrationId" TEXT NOT NULL PRIMARY KEY, "ProductVersion" TEXT NOT NULL);""";
    private readonly string _data = PortalProcess.NewDataDirectory();

    [Theory]
    [InlineData("keyportal.db", "CREATE TABLE api_keys (mine TEXT)", "already exists")]
    [InlineData("usage.db", "CREATE TABLE usage_minutes (mine TEXT)", "already exists")]
    [InlineData("keyportal.db", History + """INSERT INTO "__EFMigrationsHistory" VALUES ('29990101000000_Later', '99')""", "newer KeyPortal")]
    [InlineData("keyportal.db", History + """INSERT INTO "__EFMigrationsHistory" VALUES ('20200101000000_Initial', '10')""", "before its first release")]
    public async Task A_start_on_other_tables_ends_with_one_line(string file, string sql, string says)
    {
        Directory.CreateDirectory(_data);
        await File.WriteAllBytesAsync(PathOf(file), []);
        using (var connection = StoredLogs.Open(PathOf(file)))
        {
            StoredLogs.Query(connection, sql, _ => 0);
        }

        (await RefusedAsync("--urls=http://127.0.0.1:0")).ShouldContain(says);
    }

    [Fact]
    public async Task A_start_on_what_is_no_database_ends_with_one_line()
    {
        Directory.CreateDirectory(_data);
        await File.WriteAllTextAsync(PathOf("keyportal.db"), string.Concat(Enumerable.Repeat("no database ", 1000)));

        (await RefusedAsync("--urls=http://127.0.0.1:0")).ShouldContain("not a database");
        (await RefusedAsync("backup", _data + ".zip")).ShouldContain("not a database");
    }

    [Fact]
    public async Task A_start_on_tables_that_lack_a_column_ends_with_one_line_that_names_it()
    {
        await PortalProcess.BootstrapAsync(_data);
        using (var connection = StoredLogs.Open(PathOf("keyportal.db")))
        {
            StoredLogs.Query(connection, """ALTER TABLE api_keys RENAME COLUMN "RevokedBy" TO "EndedBy" """, _ => 0);
        }

        (await RefusedAsync("--urls=http://127.0.0.1:0")).ShouldContain("api_keys.RevokedBy is missing");
    }

    private string PathOf(string file) => Path.Combine(_data, file);

    private async Task<string> RefusedAsync(params string[] words)
    {
        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, words);
        exitCode.ShouldBe(1, stdout + stderr);
        stdout.ShouldNotContain("ready");
        stderr.Trim().Split('\n').Length.ShouldBe(1, stderr);
        return stderr;
    }
}
