using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Operations;

/// <summary>
/// Compares the tables that are there with those the program asks for. Its migrations may be recorded as done by a build that meant others by the same
/// name; each request would then fail by itself, with nobody the wiser.
/// </summary>
internal static class SchemaCheck
{
    public const string WayOut = "Run the KeyPortal that wrote them, restore a backup, or name another directory with KeyPortal__DataDirectory.";

    private const string ColumnsSql = """
        SELECT t.name || '.' || c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'
        """;

    /// <exception cref="StartupException">A table or a column is missing.</exception>
    public static void Run(IServiceProvider services)
    {
        var data = services.GetRequiredService<DataDirectory>();
        using var main = services.GetRequiredService<IDbContextFactory<KeyPortalDb>>().CreateDbContext();
        Compare(main, data.MainDatabase);
        using var usage = services.GetRequiredService<IDbContextFactory<UsageDb>>().CreateDbContext();
        Compare(usage, data.UsageDatabase);
    }

    private static void Compare(DbContext db, string file)
    {
        using var connection = StoredLogs.Open(file);
        var present = StoredLogs.Query(connection, ColumnsSql, row => row.GetString(0)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var missing = db.Model.GetRelationalModel().Tables.SelectMany(table => table.Columns.Select(column => $"{table.Name}.{column.Name}")).FirstOrDefault(name => !present.Contains(name));
        if (missing is not null)
        {
            throw new StartupException($"The tables in {file} are not those of this KeyPortal: {missing} is missing. {WayOut}");
        }
    }
}
