using KeyPortal.Access;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KeyPortal.Tests.Support;

/// <summary>People with a session, without the pages that begin one.</summary>
public sealed class SignedIn(SessionReference session) : AuthenticationStateProvider
{
    public static async Task<SignedIn> AsAsync(Portal portal, Actor person) => new(await portal.SessionAsync(person));

    public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(SessionClaims.Principal(session)));
}

public static class SessionGiven
{
    /// <summary>A new session of a person, in the organization of the actor.</summary>
    public static async Task<SessionReference> SessionAsync(this Portal portal, Actor person, SignInMethod method = SignInMethod.PasswordAndTotp) =>
        (await portal.Get<SessionBeginning>().BeginAsync(person.MemberId, SessionKind.Browser, method, person.Origin)).Value with { OrganizationId = person.OrganizationId };

    /// <summary>Signs somebody of the cast in with the password and the code that their app shows next: each code works once.</summary>
    public static async Task<SessionReference> SignInFullyAsync(this Portal portal, string email, Origin origin, SessionKind kind = SessionKind.Browser)
    {
        portal.Clock.Advance(TimeSpan.FromSeconds(Totp.StepSeconds));
        var pending = (await portal.Get<SignIn>().WithPasswordAsync(email, Cast.Password, kind, origin)).Pending.ShouldNotBeNull();
        return (await portal.Get<SecondStep>().WithCodeAsync(pending.Token.Expose(), Cast.CodeNow(portal), kind, origin)).Value.Session;
    }

    /// <summary>Takes a person's second factors away, as if they never had any. Sessions go on.</summary>
    public static async Task WithoutSecondFactorAsync(this Portal portal, Actor person)
    {
        await using var db = portal.OpenDb();
        await db.Set<SecondFactor>().Where(f => f.UserId == person.MemberId).ExecuteDeleteAsync();
        await db.Set<RecoveryCode>().Where(c => c.UserId == person.MemberId).ExecuteDeleteAsync();
    }

    /// <summary>Makes it longer ago that a person showed all factors, as time alone would.</summary>
    public static async Task AgeSessionsAsync(this Portal portal, Actor person, TimeSpan by)
    {
        var at = portal.Get<TimeProvider>().Now() - by;
        await using var db = portal.OpenDb();
        await db.Set<Session>().Where(s => s.UserId == person.MemberId).ExecuteUpdateAsync(s => s.SetProperty(x => x.VerifiedAt, at));
    }

    /// <summary>The value of the cookie that a browser with this session holds.</summary>
    public static string CookieOf(this Portal portal, SessionReference session)
    {
        var options = portal.Get<IOptionsMonitor<CookieAuthenticationOptions>>().Get(SessionClaims.Scheme);
        var now = portal.Get<TimeProvider>().GetUtcNow();
        var properties = new AuthenticationProperties { IssuedUtc = now, ExpiresUtc = now.AddDays(31) };
        return options.TicketDataFormat.Protect(new AuthenticationTicket(SessionClaims.Principal(session), properties, SessionClaims.Scheme));
    }

    /// <summary>What a page of this person asks who they are.</summary>
    public static async Task<CurrentMember> CurrentMemberAsync(this Portal portal, Actor person) =>
        new(await SignedIn.AsAsync(portal, person), portal.Get<Sessions>(), portal.Get<Membership>(), portal.Get<TimeProvider>());
}
