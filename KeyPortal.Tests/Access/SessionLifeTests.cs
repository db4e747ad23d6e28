using System.Diagnostics;
using System.Net;
using KeyPortal.Access;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Access;

/// <summary>How long a session lives, what keeps it alive, and that nothing opens once it is over.</summary>
public sealed class SessionLifeTests : IAsyncLifetime
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Unused_for_an_hour_it_is_over_and_looking_is_no_use()
    {
        var dora = await _portal.CurrentMemberAsync(_cast.Dora);
        await PassAsync(TimeSpan.FromHours(1) - Second, TimeSpan.FromMinutes(4), async () => (await dora.FindAsync()).ShouldNotBeNull());
        (await dora.FindAsync()).ShouldNotBeNull("a second before");
        _portal.Clock.Advance(Second);
        (await dora.FindAsync()).ShouldBeNull();
        await Should.ThrowAsync<SignedOutException>(dora.RequireAsync);
    }

    [Fact]
    public async Task Acts_keep_it_alive_until_its_absolute_end()
    {
        var dora = await _portal.CurrentMemberAsync(_cast.Dora);
        await PassAsync(TimeSpan.FromHours(12) - Second, TimeSpan.FromHours(1) - Second, async () => await dora.RequireAsync());
        (await dora.RequireAsync()).Name.ShouldBe("Dora", "a second before");
        _portal.Clock.Advance(Second);
        await Should.ThrowAsync<SignedOutException>(dora.RequireAsync);
        _portal.Clock.Advance(-Second - Second);
        (await dora.FindAsync()).ShouldNotBeNull("the clock alone decided");
    }

    [Fact]
    public async Task The_settings_say_how_long()
    {
        await using var portal = new Portal(("KeyPortal:Sessions:IdleMinutes", "5"), ("KeyPortal:Sessions:MaxHours", "1"));
        var dora = await portal.CurrentMemberAsync((await Cast.EnterAsync(portal)).Dora);
        portal.Clock.Advance(TimeSpan.FromMinutes(5) - Second);
        await dora.RequireAsync();
        portal.Clock.Advance(TimeSpan.FromMinutes(5));
        (await dora.FindAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Last_seen_is_written_once_a_minute_at_most()
    {
        var session = await _portal.SessionAsync(_cast.Dora);
        using var onlooker = new Onlooker(_portal);
        var dora = MemberOf(session);
        var before = onlooker.CommitsSeen();

        _portal.Clock.Advance(TimeSpan.FromMinutes(1) - Second);
        await dora.RequireAsync();
        onlooker.CommitsSeen().ShouldBe(before, "no write at all");
        _portal.Clock.Advance(Second);
        await dora.RequireAsync();
        (await StoredAsync(session)).LastSeenAt.ShouldBe(TestClock.Start.AddMinutes(1));
        before = onlooker.CommitsSeen();
        await dora.RequireAsync();
        onlooker.CommitsSeen().ShouldBe(before);
    }

    [Fact]
    public async Task A_database_that_takes_no_write_breaks_no_act()
    {
        var session = await _portal.SessionAsync(_cast.Dora);
        _portal.Clock.Advance(TimeSpan.FromMinutes(2));
        using var other = new Onlooker(_portal);
        other.Lock();

        (await MemberOf(session).RequireAsync()).Name.ShouldBe("Dora");
        (await StoredAsync(session)).LastSeenAt.ShouldBe(TestClock.Start);
    }

    public static readonly TheoryData<string> Ends = ["signed out", "ended elsewhere", "row ended by another process", "unused", "too old"];

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task The_cookie_of_a_session_that_is_over_opens_nothing(string end)
    {
        var session = await _portal.SessionAsync(_cast.Dora);
        using var client = ClientOf(session);
        (await client.GetAsync("/keys")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.PostAsync("/_blazor/negotiate?negotiateVersion=1", null)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await EndAsync(session, end);

        foreach (var path in (string[])["/", "/keys", "/audit-log", "/account"])
        {
            var answer = await client.GetAsync(path);
            answer.StatusCode.ShouldBe(HttpStatusCode.Redirect, path);
            answer.Headers.Location!.OriginalString.ShouldContain("/sign-in");
        }

        (await client.PostAsync("/_blazor/negotiate?negotiateVersion=1", null)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await MemberOf(session).FindAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_session_is_its_own_persons_only()
    {
        var session = await _portal.SessionAsync(_cast.Dora);
        (await _portal.Get<Sessions>().FindLiveAsync(session.SessionId, _cast.Alice.Id)).ShouldBeNull();
        (await MemberOf(session with { UserId = _cast.Alice.Id }).FindAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Signing_in_gives_a_new_id_and_ends_what_the_browser_had_before()
    {
        using var visitor = new PagesVisitor(_portal);
        await _portal.WithoutSecondFactorAsync(_cast.Olaf);
        await _portal.WithoutSecondFactorAsync(_cast.Dora);
        await visitor.SignInAsync("olaf@umbra.example");
        var planted = visitor.Cookie("keyportal");
        await visitor.SignInAsync("dora@acme.example");

        visitor.Cookie("keyportal").ShouldNotBe(planted);
        await using var db = _portal.OpenDb();
        var sessions = await db.Set<Session>().AsNoTracking().ToListAsync();
        sessions.Single(s => s.UserId == _cast.Olaf.Id).EndReason.ShouldBe(SessionEnd.SignedOut);
        sessions.Single(s => s.UserId == _cast.Dora.Id).EndedAt.ShouldBeNull();
        using var attacker = _portal.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = false });
        attacker.DefaultRequestHeaders.Add("Cookie", $"keyportal={planted}");
        (await attacker.GetAsync("/keys")).StatusCode.ShouldBe(HttpStatusCode.Redirect, "who planted it has nothing");
    }

    [Theory]
    [InlineData("http://localhost", "keyportal", false)]
    [InlineData("https://localhost", "__Host-keyportal", true)]
    public async Task Cookies_are_out_of_reach_of_scripts_and_other_sites_and_on_https_secure(string address, string name, bool secure)
    {
        await _portal.WithoutSecondFactorAsync(_cast.Dora);
        using var visitor = new PagesVisitor(_portal, address);
        await visitor.SignInAsync("dora@acme.example");

        var set = visitor.SetCookies.Single(c => c.StartsWith(name + "=", StringComparison.Ordinal)).ToLowerInvariant().Split("; ");
        set.ShouldContain("httponly");
        set.ShouldContain("samesite=lax");
        set.ShouldContain("path=/");
        set.ShouldNotContain(part => part.StartsWith("domain") || part.StartsWith("expires") || part.StartsWith("max-age"), "it goes with the browser");
        visitor.SetCookies.Count.ShouldBeGreaterThan(1);
        visitor.SetCookies.ShouldAllBe(c => c.Contains("; secure", StringComparison.OrdinalIgnoreCase) == secure);
        visitor.SetCookies.ShouldAllBe(c => c.Contains("; httponly", StringComparison.OrdinalIgnoreCase) && c.Contains("; samesite=", StringComparison.OrdinalIgnoreCase));
    }

    private async Task PassAsync(TimeSpan all, TimeSpan step, Func<Task> each)
    {
        var end = _portal.Clock.Now + all;
        while (_portal.Clock.Now + step < end)
        {
            _portal.Clock.Advance(step);
            await each();
        }

        _portal.Clock.Set(end);
    }

    private async Task EndAsync(SessionReference session, string how)
    {
        switch (how)
        {
            case "signed out":
                await _portal.Get<SignIn>().EndAsync(session.UserId, session.SessionId, Origin.None);
                break;
            case "ended elsewhere":
                (await _portal.Get<OwnSessions>().EndAsync(_cast.Dora, session.SessionId)).Value.ShouldBeTrue();
                break;
            case "row ended by another process":
                await using (var db = _portal.OpenDb())
                {
                    await db.Set<Session>().Where(s => s.Id == session.SessionId).ExecuteUpdateAsync(s => s.SetProperty(x => x.EndedAt, TestClock.Start));
                }

                break;
            case "unused":
                _portal.Clock.Advance(TimeSpan.FromHours(1));
                break;
            case "too old":
                await using (var db = _portal.OpenDb())
                {
                    await db.Set<Session>().ExecuteUpdateAsync(s => s.SetProperty(x => x.LastSeenAt, TestClock.Start.AddHours(12)));
                }

                _portal.Clock.Advance(TimeSpan.FromHours(12));
                break;
            default:
                throw new UnreachableException();
        }
    }

    private CurrentMember MemberOf(SessionReference session) => new(new SignedIn(session), _portal.Get<Sessions>(), _portal.Get<Membership>(), _portal.Clock);

    private HttpClient ClientOf(SessionReference session)
    {
        var client = _portal.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = false });
        client.DefaultRequestHeaders.Add("Cookie", $"keyportal={_portal.CookieOf(session)}");
        return client;
    }

    private async Task<Session> StoredAsync(SessionReference session)
    {
        await using var db = _portal.OpenDb();
        return await db.Set<Session>().AsNoTracking().SingleAsync(s => s.Id == session.SessionId);
    }
}
