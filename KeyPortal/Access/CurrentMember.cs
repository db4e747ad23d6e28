using KeyPortal.Organizations;
using KeyPortal.Primitives;
using Microsoft.AspNetCore.Components.Authorization;

namespace KeyPortal.Access;

/// <summary>
/// The person behind this page. Each event handler asks anew, for the session may have ended or the role changed since the page was drawn, and a
/// circuit's events can be forged: what a page shows is no proof of what its owner may do.
/// </summary>
public sealed class CurrentMember(AuthenticationStateProvider authentication, Sessions sessions, Membership membership, TimeProvider clock)
{
    /// <summary>The person as an actor with the role of this moment; null when signed out or no longer a member. Looking is no sign of life.</summary>
    public async Task<Actor?> FindAsync() => (await LookAsync())?.Actor;

    /// <summary>The same for an act of the person's, where a page cannot go on without one.</summary>
    /// <exception cref="SignedOutException">There is no such person any more; the layout sends the browser to the sign-in page.</exception>
    public async Task<Actor> RequireAsync()
    {
        var (actor, session) = await LookAsync() ?? throw new SignedOutException();
        await sessions.TouchAsync(session, actor.Origin);
        return actor;
    }

    public static Actor ActorOf(OrganizationView place, Origin origin, Session? session = null) => new()
    {
        Type = ActorType.Member,
        Id = place.UserId,
        Name = place.MemberName,
        OrganizationId = place.Id,
        Role = place.Role,
        MemberId = place.UserId,
        Origin = origin,
        SessionId = session?.Id,
        MustSetUpSecondFactor = place.SecondFactorRequired && session is { HasSecondFactor: false },
    };

    private async Task<(Actor Actor, Session Session)?> LookAsync()
    {
        var principal = (await authentication.GetAuthenticationStateAsync()).User;
        return SessionClaims.Read(principal) is { } known
            && await sessions.FindLiveAsync(known.SessionId, known.UserId) is { } session
            && await membership.FindAsync(known.UserId, known.OrganizationId) is { } place
                ? (ActorOf(place, SessionClaims.OriginOf(principal, RequestId.New(clock.Now())), session), session)
                : null;
    }
}

/// <summary>A page acted for a person who is no longer signed in or no longer a member.</summary>
public sealed class SignedOutException() : Exception("You are signed out.");
