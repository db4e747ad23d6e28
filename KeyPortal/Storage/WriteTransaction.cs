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

    /// <summary>
    /// Does all of <paramref name="act"/>, down to the database's own work, and undoes it: so that an act on nothing takes as long as one on something. Whatever
    /// was changed before must have been saved, and entities read before are read anew.
    /// </summary>
    public async Task RehearseAsync(Func<Task> act, CancellationToken cancellationToken = default)
    {
        var transaction = Db.Database.CurrentTransaction ?? throw new InvalidOperationException("There is no transaction to rehearse in.");
        await transaction.CreateSavepointAsync("rehearsal", cancellationToken);
        await act();
        await Db.SaveChangesAsync(cancellationToken);
        await transaction.RollbackToSavepointAsync("rehearsal", cancellationToken);
        Db.ChangeTracker.Clear();
    }

    /// <summary>Changes nothing, and goes through the log to the disk all the same when it commits: it rewrites the header's page.</summary>
    public Task TouchAsync(CancellationToken cancellationToken = default) => Db.Database.ExecuteSqlAsync($"PRAGMA user_version = 0", cancellationToken);
}
