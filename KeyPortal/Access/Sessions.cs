using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KeyPortal.Access;

/// <summary>A commit ends sessions of this account, or changes what they open.</summary>
internal sealed record SessionsChanged(string UserId);

/// <summary>Begins, finds and ends sessions.</summary>
public sealed partial class Sessions(IDbContextFactory<KeyPortalDb> contexts, Writer writer, IOptions<SessionSettings> settings, TimeProvider clock, ILogger<Sessions> log)
{
    private static readonly TimeSpan SeenEvery = TimeSpan.FromMinutes(1);

    /// <summary>Adds a session to a transaction. Its id is always a new one.</summary>
    public Session Start(WriteTransaction write, string userId, SessionKind kind, SignInMethod method, Origin origin)
    {
        var session = new Session
        {
            Id = EntityId.New(Session.IdPrefix, write.Now),
            UserId = userId,
            Kind = kind,
            Method = method,
            StartedAt = write.Now,
            VerifiedAt = write.Now,
            LastSeenAt = write.Now,
            EndsAt = write.Now + settings.Value.Longest,
            Ip = origin.Ip,
            UserAgent = origin.UserAgent,
        };
        write.Set<Session>().Add(session);
        return session;
    }

    /// <summary>The account's session of this id if it still opens anything; else null.</summary>
    /// <exception cref="StorageUnavailableException">The database does not answer.</exception>
    public async Task<Session?> FindLiveAsync(string sessionId, string userId, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var db = contexts.CreateDbContext();
            var session = await db.Set<Session>().AsNoTracking().SingleOrDefaultAsync(s => s.Id == sessionId && s.UserId == userId, cancellationToken);
            return session is not null && session.IsLive(clock.Now(), settings.Value.Idle) ? session : null;
        }
        catch (Exception e) when (StorageUnavailableException.From(e) is { } outage)
        {
            throw outage;
        }
    }

    /// <summary>Did the person show all factors a few minutes ago at most? Asked before factors, password or the like change.</summary>
    public bool IsFresh(Session session) => clock.Now() - session.VerifiedAt < settings.Value.Fresh;

    /// <summary>Notes that the person did something, from where; written once a minute at most, and never a reason for the act to fail.</summary>
    public async Task TouchAsync(Session session, Origin origin, CancellationToken cancellationToken = default)
    {
        var now = clock.Now();
        if (now - session.LastSeenAt < SeenEvery)
        {
            return;
        }

        try
        {
            await writer.RunAsync<bool>(async write =>
            {
                await write.Set<Session>().Where(s => s.Id == session.Id && s.EndedAt == null && s.LastSeenAt < now).ExecuteUpdateAsync(
                    s => s.SetProperty(x => x.LastSeenAt, now).SetProperty(x => x.Ip, origin.Ip).SetProperty(x => x.UserAgent, origin.UserAgent), cancellationToken);
                return true;
            }, cancellationToken);
        }
        catch (StorageUnavailableException e)
        {
            Log.NotSeen(log, session.Id, e.Message);
        }
    }

    /// <summary>Ends the live sessions of an account, all but <paramref name="exceptId"/>, and sign-ins that are half done; how many sessions there were.</summary>
    public static async Task<int> EndAllAsync(WriteTransaction write, string userId, SessionEnd reason, string? exceptId = null, CancellationToken cancellationToken = default)
    {
        var live = await write.Set<Session>().Where(s => s.UserId == userId && s.EndedAt == null && s.EndsAt > write.Now && s.Id != exceptId).ToListAsync(cancellationToken);
        live.ForEach(session => session.End(write.Now, reason));
        await write.Set<SignInChallenge>().Where(c => c.UserId == userId && c.UsedAt == null).ExecuteUpdateAsync(c => c.SetProperty(x => x.UsedAt, write.Now), cancellationToken);
        write.Announce(new SessionsChanged(userId));
        return live.Count;
    }

    /// <summary>Ends one session of an account; false when it had none of that id or it was over.</summary>
    public static async Task<bool> EndAsync(WriteTransaction write, string userId, string sessionId, SessionEnd reason, CancellationToken cancellationToken = default)
    {
        if (await write.Set<Session>().SingleOrDefaultAsync(s => s.Id == sessionId && s.UserId == userId && s.EndedAt == null, cancellationToken) is not { } session)
        {
            return false;
        }

        session.End(write.Now, reason);
        write.Announce(new SessionsChanged(userId));
        return true;
    }

    /// <summary>Voids every access token of an account, for its rights changed somewhere. Sessions go on: each reads its rights anew at every act.</summary>
    public static async Task VoidTokensAsync(WriteTransaction write, string userId, CancellationToken cancellationToken = default)
    {
        await write.Set<Session>().Where(s => s.UserId == userId && s.Kind == SessionKind.Api && s.EndedAt == null)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.Generation, x => x.Generation + 1), cancellationToken);
        write.Announce(new SessionsChanged(userId));
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Session {SessionId} was used, which could not be written: {Cause}")]
        public static partial void NotSeen(ILogger logger, string sessionId, string cause);
    }
}
