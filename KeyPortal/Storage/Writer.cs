using KeyPortal.Primitives;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Storage;

/// <summary>
/// Runs acts that change <see cref="KeyPortalDb"/>, one at a time inside this process: SQLite has one writer anyway, and a queue in memory
/// is fair where its busy timeout is not.
/// </summary>
public sealed class Writer(IDbContextFactory<KeyPortalDb> contexts, CommitSignals signals, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>
    /// Runs <paramref name="act"/> in one transaction. A refusal rolls everything back. Once the commit has begun it is not cancelled:
    /// half-known outcomes would leave caches wrong.
    /// </summary>
    /// <exception cref="StorageUnavailableException">The store cannot be written; nothing was kept.</exception>
    public async Task<Outcome<T>> RunAsync<T>(Func<WriteTransaction, Task<Outcome<T>>> act, CancellationToken cancellationToken = default)
    {
        await using var db = contexts.CreateDbContext();
        return await RunAsync(db, act, cancellationToken);
    }

    /// <summary>The same on a context that the caller owns: for the framework's stores, which bring their own.</summary>
    public async Task<Outcome<T>> RunAsync<T>(KeyPortalDb db, Func<WriteTransaction, Task<Outcome<T>>> act, CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var write = new WriteTransaction(db, clock.Now());
            var outcome = await act(write);
            if (outcome.Refusal is not null)
            {
                return outcome;
            }

            await db.SaveChangesAsync(cancellationToken);
            await CommitAsync(write);
            return outcome;
        }
        catch (Exception e) when (StorageUnavailableException.From(e) is { } outage)
        {
            throw outage;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task CommitAsync(WriteTransaction write)
    {
        foreach (var signal in write.Signals)
        {
            signals.RaiseCommitting(signal);
        }

        try
        {
            await write.Db.Database.CommitTransactionAsync(CancellationToken.None);
        }
        finally
        {
            foreach (var signal in write.Signals)
            {
                signals.RaiseCommitted(signal);
            }
        }
    }
}
