using KeyPortal.Organizations;
using KeyPortal.Primitives;

namespace KeyPortal.Access.Tokens;

/// <summary>Turns an access token into the person it stands for, with the rights of this moment.</summary>
public sealed class MemberAuthentication(AccessTokens tokens, Sessions sessions, Membership membership)
{
    private const string Parameter = "/organization_id";

    /// <summary>The live session behind a token; null for everything else, and for a token from before a change of the person's rights.</summary>
    public async Task<Session?> FindSessionAsync(string token, CancellationToken cancellationToken = default) =>
        tokens.Verify(token) is { } claims
        && await sessions.FindLiveAsync(claims.Sid, claims.Sub, cancellationToken) is { Kind: SessionKind.Api } session
        && session.Generation == claims.Gen
            ? session
            : null;

    /// <summary>
    /// The person in one of their organizations; null where they are a member of none. Refuses: several and none named (422), one they are not in (404).
    /// </summary>
    public async Task<Outcome<Actor>?> ActAsync(Session session, string? organizationId, Origin origin, CancellationToken cancellationToken = default)
    {
        var places = await membership.OfAsync(session.UserId, cancellationToken);
        if (places.Count == 0)
        {
            return null;
        }

        if (organizationId is null && places.Count > 1)
        {
            return Refusal.Invalid(Parameter, "You are a member of several organizations: name one with ?organization_id=.");
        }

        if ((organizationId is null ? places[0] : places.FirstOrDefault(p => p.Id == organizationId)) is not { } place)
        {
            return Refusal.NotFound("organization");
        }

        await sessions.TouchAsync(session, origin, cancellationToken);
        return CurrentMember.ActorOf(place, origin, session);
    }
}
