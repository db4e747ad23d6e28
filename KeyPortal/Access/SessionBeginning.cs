using System.Text.Json.Nodes;
using KeyPortal.Access.Members;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;

namespace KeyPortal.Access;

/// <summary>Begins the session of a person who has shown all there is to show, and records it in the log of each of their organizations.</summary>
public sealed class SessionBeginning(Writer writer, Sessions sessions, Membership membership)
{
    /// <summary>Refused when the person is nowhere an active member.</summary>
    public static readonly Refusal NoPlace = new(RefusalKind.Unauthenticated, "invalid_credentials", "The e-mail address or the password is wrong.");

    private static readonly Refusal SessionOver = new(RefusalKind.Unauthenticated, "session_ended", "Your session has ended meanwhile. Sign in again.");

    /// <summary>People name their devices after themselves.</summary>
    private static readonly string[] PersonalDetails = ["name", "before", "after"];

    /// <summary>A transaction of its own, for an account that has just been made. Refuses an account that is nowhere an active member.</summary>
    public async Task<Outcome<SessionReference>> BeginAsync(string userId, SessionKind kind, SignInMethod method, Origin origin, CancellationToken cancellationToken = default)
    {
        var places = await membership.OfAsync(userId, cancellationToken);
        return await writer.RunAsync(write => BeginAsync(write, places, userId, kind, method, origin, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// The same inside the transaction that used up the factor. <paramref name="places"/> are the account's organizations; the first is where it begins.
    /// Without any, a browser's session still begins where an invitation waits for the account: it opens nothing but the page that accepts it.
    /// </summary>
    public async Task<Outcome<SessionReference>> BeginAsync(
        WriteTransaction write, IReadOnlyList<OrganizationView> places, string userId, SessionKind kind, SignInMethod method, Origin origin, CancellationToken cancellationToken = default)
    {
        var organizationId = places.Count > 0 ? places[0].Id : kind == SessionKind.Browser ? await OpenInvitations.WaitingForAsync(write, userId, cancellationToken) : null;
        if (organizationId is null)
        {
            return NoPlace;
        }

        var session = sessions.Start(write, userId, kind, method, origin);
        var details = new JsonObject { ["kind"] = SnakeCase.Of(kind), ["method"] = SnakeCase.Of(method) };
        await RecordAsync(write, places, "session.started", AuditOutcome.Succeeded, origin, details, cancellationToken);
        return new SessionReference(session.Id, userId, organizationId);
    }

    /// <summary>
    /// Puts a new session in the place of one of the same person: a new id at each factor, so that an id that was known before is worth nothing after.
    /// Recorded by the act that calls it. Refuses where the old one has ended meanwhile: what was ended must not come back under another id.
    /// </summary>
    public async Task<Outcome<Session>> RenewAsync(WriteTransaction write, Actor person, SessionKind kind, SignInMethod method, CancellationToken cancellationToken = default)
    {
        if (person.SessionId is { } old && !await Sessions.EndAsync(write, person.MemberId, old, SessionEnd.Replaced, cancellationToken))
        {
            return SessionOver;
        }

        return sessions.Start(write, person.MemberId, kind, method, person.Origin);
    }

    /// <summary>Writes one entry about a sign-in, its end or a second factor to the log of each organization of the person.</summary>
    public static async Task RecordAsync(
        WriteTransaction write, IReadOnlyList<OrganizationView> places, string action, AuditOutcome outcome, Origin origin, JsonObject details, CancellationToken cancellationToken = default)
    {
        foreach (var place in places)
        {
            await AuditLog.AppendAsync(write, CurrentMember.ActorOf(place, origin),
                new AuditRecord(action, AuditTarget.Member(place.UserId, place.MemberName)) { Outcome = outcome, Details = details, PersonalDetails = PersonalDetails }, cancellationToken);
        }
    }
}
