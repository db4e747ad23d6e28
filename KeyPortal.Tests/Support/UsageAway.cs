using KeyPortal.Usage;
using Microsoft.Data.Sqlite;

namespace KeyPortal.Tests.Support;

/// <summary>Takes a running portal's usage.db, or its keyportal.db, away until disposed: whatever asks for it meets an outage.</summary>
internal sealed class UsageAway : IAsyncDisposable
{
    private readonly string _file;

    private UsageAway(string file) => _file = file;

    public static async Task<UsageAway> TakeAsync(Portal portal, string name = "usage.db")
    {
        // Nothing is to be written meanwhile, so that no connection is open.
        (await portal.Get<RollupWriter>().FlushAsync()).ShouldBeTrue();
        (await portal.Get<KeyPortal.Limits.QuotaUses>().FlushAsync()).ShouldBeTrue();
        var file = Path.Combine(portal.DataDirectory, name);
        SqliteConnection.ClearAllPools();
        File.Move(file, file + ".away");
        Directory.CreateDirectory(file);
        return new UsageAway(file);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_file);
        File.Move(_file + ".away", _file);
        return default;
    }
}
