using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KeyPortal.Access;

/// <summary>One of a person's own live sessions, as that person sees it.</summary>
public sealed record OwnSession(string Id, SessionKind Kind, SignInMethod Method, string? Ip, string? UserAgent, DateTimeOffset StartedAt, DateTimeOffset LastSeenAt, bool IsThis);

/// <summary>The newest of a person's live sessions, and how many there are.</summary>
public sealed record OwnSessionList(IReadOnlyList<OwnSession> Sessions, int Total);

/// <summary>Shows a person where they are signed in, and ends what should not be.</summary>
public sealed class OwnSessions(
    IDbContextFactory<KeyPortalDb> contexts, Writer writer, PermissionGate gate, Membership membership, IOptions<SessionSettings> settings, TimeProvider clock)
{
    /// <summary>How many are listed: a program that signs in anew for each of its runs may have thousands.</summary>
    public const int MostListed = 50;

    /// <summary>The session that asks first, then the others by last act.</summary>
    [Needs(Act.ChangeOwnAccount)]
    public async Task<Outcome<OwnSessionList>> ListAsync(Actor actor, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ChangeOwnAccount, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var db = contexts.CreateDbContext();
        var live = Live(db, actor.MemberId, clock.Now());
        var shown = await live.AsNoTracking().OrderByDescending(s => s.Id == actor.SessionId).ThenByDescending(s => s.LastSeenAt).ThenBy(s => s.Id).Take(MostListed).ToListAsync(cancellationToken);
        return new OwnSessionList(
            [.. shown.Select(s => new OwnSession(s.Id, s.Kind, s.Method, s.Ip, s.UserAgent, s.StartedAt, s.LastSeenAt, s.Id == actor.SessionId))],
            await live.CountAsync(cancellationToken));
    }

    /// <summary>Ends one; its open pages go at once. Another person's does not exist, nor does one that is over.</summary>
    [Needs(Act.ChangeOwnAccount)]
    public Task<Outcome<bool>> EndAsync(Actor actor, string sessionId, CancellationToken cancellationToken = default) =>
        RunAsync<bool>(actor, async (write, places) =>
        {
            var ended = await Live(write.Db, actor.MemberId, write.Now).SingleOrDefaultAsync(s => s.Id == sessionId, cancellationToken);
            if (ended is null || !await Sessions.EndAsync(write, actor.MemberId, sessionId, SessionEnd.EndedElsewhere, cancellationToken))
            {
                return Refusal.NotFound("session");
            }

            var details = new JsonObject { ["reason"] = SnakeCase.Of(SessionEnd.EndedElsewhere), ["kind"] = SnakeCase.Of(ended.Kind), ["started_at"] = AuditLog.Instant(ended.StartedAt) };
            await SessionBeginning.RecordAsync(write, places, "session.ended", AuditOutcome.Succeeded, actor.Origin, details, cancellationToken);
            return true;
        }, cancellationToken);

    /// <summary>Ends all but the session that asks, and says how many; with none to end, nothing is recorded.</summary>
    [Needs(Act.ChangeOwnAccount)]
    public Task<Outcome<int>> EndOthersAsync(Actor actor, CancellationToken cancellationToken = default) =>
        RunAsync<int>(actor, async (write, places) =>
        {
            // As many as the person saw; those that nobody used for too long are over already and end here silently.
            var others = await Live(write.Db, actor.MemberId, write.Now).CountAsync(s => s.Id != actor.SessionId, cancellationToken);
            await Sessions.EndAllAsync(write, actor.MemberId, SessionEnd.EndedElsewhere, actor.SessionId, cancellationToken);
            if (others > 0)
            {
                var details = new JsonObject { ["reason"] = SnakeCase.Of(SessionEnd.EndedElsewhere), ["sessions"] = others };
                await SessionBeginning.RecordAsync(write, places, "session.ended", AuditOutcome.Succeeded, actor.Origin, details, cancellationToken);
            }

            return others;
        }, cancellationToken);

    private async Task<Outcome<T>> RunAsync<T>(Actor actor, Func<WriteTransaction, IReadOnlyList<OrganizationView>, Task<Outcome<T>>> act, CancellationToken cancellationToken)
    {
        if (await gate.RefuseAsync(actor, Act.ChangeOwnAccount, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var places = await membership.OfAsync(actor.MemberId, cancellationToken);
        return await writer.RunAsync(write => act(write, places), cancellationToken);
    }

    /// <summary>What <see cref="Session.IsLive"/> says of one, as a question to the database.</summary>
    private IQueryable<Session> Live(KeyPortalDb db, string userId, DateTimeOffset now)
    {
        var usedSince = now - settings.Value.Idle;
        return db.Set<Session>().Where(s => s.UserId == userId && s.EndedAt == null && s.EndsAt > now && s.LastSeenAt > usedSince);
    }
}
