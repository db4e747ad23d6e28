using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Storage;

/// <summary>One act's transaction: a context, the act's one reading of the clock, and the signals to send when it commits.</summary>
public sealed class WriteTransaction(KeyPortalDb db, DateTimeOffset now)
{
    private readonly List<object> _signals = [];

    public KeyPortalDb Db { get; } = db;

    public DateTimeOffset Now { get; } = now;

    internal IReadOnlyList<object> Signals => _signals;

    public DbSet<T> Set<T>() where T : class => Db.Set<T>();

    /// <summary>Sends <paramref name="signal"/> through <see cref="CommitSignals"/> around this transaction's commit.</summary>
    public void Announce(object signal) => _signals.Add(signal);

    /// <summary>Changes nothing, and goes through the log to the disk all the same when it commits: it rewrites the header's page.</summary>
    public Task TouchAsync(CancellationToken cancellationToken = default) => Db.Database.ExecuteSqlAsync($"PRAGMA user_version = 0", cancellationToken);
}
