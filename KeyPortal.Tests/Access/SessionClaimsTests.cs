using System.Net;
using System.Security.Claims;
using KeyPortal.Access;
using KeyPortal.Primitives;
using KeyPortal.Organizations;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Access;

public sealed class SessionClaimsTests
{
    private static readonly SessionReference Reference = new("ses_1", "usr_1", "org_1");

    [Fact]
    public void A_session_names_a_person_and_an_organization_and_no_right()
    {
        var principal = SessionClaims.Principal(Reference);
        SessionClaims.Read(principal).ShouldBe(Reference);
        principal.Claims.Select(c => c.Value).ShouldBe(["ses_1", "usr_1", "org_1"], ignoreOrder: true);
        principal.IsInRole("owner").ShouldBeFalse();
        principal.Claims.ShouldNotContain(c => c.Type.Contains("role", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void An_identity_of_another_kind_is_no_session()
    {
        SessionClaims.Read(new ClaimsPrincipal()).ShouldBeNull();
        SessionClaims.Read(new ClaimsPrincipal(new ClaimsIdentity(SessionClaims.Principal(Reference).Claims))).ShouldBeNull("not authenticated");
        SessionClaims.Read(new ClaimsPrincipal(new ClaimsIdentity(SessionClaims.Principal(Reference).Claims, "Negotiate"))).ShouldBeNull();
    }

    [Fact]
    public void Where_a_session_comes_from_is_its_newest_connection()
    {
        var principal = SessionClaims.Principal(Reference);
        SessionClaims.Stamp(principal, "198.51.100.1", "an old browser");
        SessionClaims.Stamp(principal, "203.0.113.9", null);
        SessionClaims.OriginOf(principal, "req_1").ShouldBe(new Origin("203.0.113.9", null, "req_1"));
    }

    [Fact]
    public async Task The_role_is_the_one_of_this_moment()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var current = await portal.CurrentMemberAsync(cast.Alice);
        (await current.RequireAsync()).Role.ShouldBe(Role.Owner);

        await using var db = portal.OpenDb();
        await db.Set<Member>().Where(m => m.UserId == cast.Alice.Id).ExecuteUpdateAsync(s => s.SetProperty(m => m.Role, Role.Auditor));
        (await current.RequireAsync()).Role.ShouldBe(Role.Auditor);

        await db.Set<Member>().Where(m => m.UserId == cast.Alice.Id).ExecuteDeleteAsync();
        (await current.FindAsync()).ShouldBeNull();
        await Should.ThrowAsync<SignedOutException>(current.RequireAsync);
    }

    [Fact]
    public async Task A_session_for_an_organization_one_is_no_member_of_opens_nothing()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        (await (await portal.CurrentMemberAsync(cast.Olaf with { OrganizationId = cast.AcmeId })).FindAsync()).ShouldBeNull();
    }

    [Theory]
    [InlineData("https", "203.0.113.9", "__Host-keyportal")]
    [InlineData("http", "127.0.0.1", "keyportal")]
    [InlineData("http", "::1", "keyportal")]
    [InlineData("http", "::ffff:127.0.0.1", "keyportal")]
    [InlineData("http", "203.0.113.9", null)]
    public void The_cookie_is_named_for_its_connection_and_plain_http_is_for_this_machine(string scheme, string address, string? name)
    {
        var context = new DefaultHttpContext { Request = { Scheme = scheme }, Connection = { RemoteIpAddress = IPAddress.Parse(address) } };
        context.Request.Headers.Cookie = "keyportal=plain; __Host-keyportal=host";
        var cookies = new SessionCookies();
        cookies.AppendResponseCookie(context, "keyportal", "value", new CookieOptions { Path = "/", Secure = scheme == "https" });

        cookies.GetRequestCookie(context, "keyportal").ShouldBe(name switch { null => null, "keyportal" => "plain", _ => "host" });
        var set = context.Response.Headers.SetCookie.ToString();
        if (name is null)
        {
            set.ShouldBeEmpty();
        }
        else
        {
            set.ShouldStartWith(name + "=value;");
            set.ShouldNotContain("domain", Case.Insensitive);
        }
    }
}
