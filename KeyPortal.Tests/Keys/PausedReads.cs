using System.Data.Common;
using KeyPortal.Keys;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace KeyPortal.Tests.Keys;

/// <summary>
/// Contexts on a portal's database whose queries stop once they have begun, that is, once they see the rows of that moment, until told to go on.
/// </summary>
/// <param name="from">Which query is the first to stop.</param>
internal sealed class PausedReads(Portal portal, int from = 1) : DbCommandInterceptor, IDbContextFactory<KeyPortalDb>
{
    private int _reads;
    private readonly TaskCompletionSource _paused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Begins <paramref name="read"/> and comes back once it has paused, or has ended without: then its task says why, and nobody waits for ever.</summary>
    public Task<T> Begin<T>(Func<Task<T>> read)
    {
        var begun = Task.Run(read);
        Task.WaitAny(_paused.Task, begun);
        return begun;
    }

    /// <summary>A cache that reads this way, and is told of every change as the portal's own is.</summary>
    public KeyCache NewCache() => new(
        portal.Get<Pepper>(), new KeyReader(this, portal.Get<Pepper>(), portal.Get<SecretFinder>(), portal.Get<Writer>(), NullLogger<KeyReader>.Instance),
        portal.Get<ImportedSecrets>(), portal.Get<CommitSignals>(), portal.Get<IOptions<KeySettings>>(), portal.Clock);

    public void Resume() => _resumed.TrySetResult();

    // The program's own options and one interceptor more: with others EF Core builds a second model, which the program's compiled queries refuse.
    public KeyPortalDb CreateDbContext() => new SqliteDb(
        new DbContextOptionsBuilder<SqliteDb>(portal.Get<DbContextOptions<SqliteDb>>()).AddInterceptors(this).Options);

    public override async ValueTask<DbDataReader> ReaderExecutedAsync(DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
    {
        if (Interlocked.Increment(ref _reads) >= from)
        {
            _paused.TrySetResult();
            await _resumed.Task;
        }

        return result;
    }
}
