using KeyPortal.Organizations;
using KeyPortal.Primitives;
using Microsoft.AspNetCore.Components.Authorization;

namespace KeyPortal.Access;

/// <summary>
/// The person behind this page. Each event handler asks anew, for the role may have changed since the page was drawn and a circuit's events can be
/// forged: what a page shows is no proof of what its owner may do.
/// </summary>
public sealed class CurrentMember(AuthenticationStateProvider authentication, Membership membership, TimeProvider clock)
{
    /// <summary>The person as an actor with the role of this moment; null when signed out or no longer a member.</summary>
    public async Task<Actor?> FindAsync()
    {
        var principal = (await authentication.GetAuthenticationStateAsync()).User;
        if (SessionClaims.Read(principal) is not var (userId, organizationId) || await membership.FindAsync(userId, organizationId) is not { } place)
        {
            return null;
        }

        return ActorOf(place, SessionClaims.OriginOf(principal, RequestId.New(clock.Now())));
    }

    /// <summary>The same where a page cannot go on without one.</summary>
    /// <exception cref="SignedOutException">There is no such person any more; the layout sends the browser to the sign-in page.</exception>
    public async Task<Actor> RequireAsync() => await FindAsync() ?? throw new SignedOutException();

    public static Actor ActorOf(OrganizationView place, Origin origin) => new()
    {
        Type = ActorType.Member,
        Id = place.UserId,
        Name = place.MemberName,
        OrganizationId = place.Id,
        Role = place.Role,
        MemberId = place.UserId,
        Origin = origin,
    };
}

/// <summary>A page acted for a person who is no longer signed in or no longer a member.</summary>
public sealed class SignedOutException() : Exception("You are signed out.");
