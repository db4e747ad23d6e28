using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>
/// Deletes what nobody will ask for again, so that the tables do not grow with every sign-in: sessions (and their refresh tokens) and invitations 90 days
/// after their end, challenges, password links and calls to be done once a day after theirs. Keys, members and the audit log are never touched.
/// </summary>
public sealed partial class Sweeper(Writer writer, TimeProvider clock, ILogger<Sweeper> log)
{
    public static readonly TimeSpan KeepEnded = TimeSpan.FromDays(90);

    /// <summary>For a while a link that is used up can still be told from one that never was.</summary>
    public static readonly TimeSpan KeepSpent = TimeSpan.FromDays(1);

    private const int AtOnce = 500;

    /// <summary>Deletes in transactions of a few hundred rows, between which other acts take their turn; how many rows in all.</summary>
    /// <exception cref="StorageUnavailableException">The store cannot be written; what was deleted so far stays deleted.</exception>
    public async Task<int> SweepAsync(CancellationToken cancellationToken = default)
    {
        var (ended, spent) = (clock.Now() - KeepEnded, clock.Now() - KeepSpent);
        var swept = await DeleteAsync(db => db.Set<Session>().Where(s => s.EndsAt < ended || s.EndedAt < ended), cancellationToken)
            + await DeleteAsync(db => db.Set<SignInChallenge>().Where(c => c.ExpiresAt < spent), cancellationToken)
            + await DeleteAsync(db => db.Set<PasswordReset>().Where(r => r.ExpiresAt < spent), cancellationToken)
            + await DeleteAsync(db => db.Set<Invitation>().Where(i => i.ExpiresAt < ended), cancellationToken)
            + await DeleteAsync(db => db.Set<IdempotentCall>().Where(c => c.DoneAt < spent), cancellationToken);
        if (swept > 0)
        {
            Log.Swept(log, swept);
        }

        return swept;
    }

    private async Task<int> DeleteAsync<T>(Func<KeyPortalDb, IQueryable<T>> which, CancellationToken cancellationToken)
    {
        for (var all = 0; ;)
        {
            var deleted = (await writer.RunAsync<int>(async write => await which(write.Db).Take(AtOnce).ExecuteDeleteAsync(cancellationToken), cancellationToken)).Value;
            all += deleted;
            if (deleted < AtOnce)
            {
                return all;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Deleted {Rows} ended sessions, spent links and closed invitations")]
        public static partial void Swept(ILogger logger, int rows);
    }
}
