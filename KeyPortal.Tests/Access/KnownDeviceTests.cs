using System.Net;
using KeyPortal.Access;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Access;

/// <summary>An account that strangers have locked stays open to browsers its owner has signed in with.</summary>
public sealed class KnownDeviceTests : IAsyncLifetime
{
    private const string Email = "alice@acme.example";
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task A_browser_is_known_once_its_owner_was_all_the_way_in()
    {
        using var halfway = new PagesVisitor(_portal);
        await halfway.SignInAsync(Email);
        halfway.Cookie("keyportal-device").ShouldBeNull("a password alone is what an attacker has first");
        await _portal.WithoutSecondFactorAsync(_cast.Alice);
        using var home = new PagesVisitor(_portal);
        await home.SignInAsync(Email);
        var cookie = home.SetCookies.Single(c => c.StartsWith("keyportal-device=", StringComparison.Ordinal));
        cookie.ShouldContain("httponly", Case.Insensitive);
        cookie.ShouldContain("samesite=strict", Case.Insensitive);
        cookie.ShouldContain("max-age=15552000", Case.Insensitive);

        await LockAsync();

        using var abroad = new PagesVisitor(_portal);
        (await PostAsync(abroad, Cast.Password)).ShouldBe(HttpStatusCode.TooManyRequests);
        (await PostAsync(home, Cast.Password)).ShouldBe(HttpStatusCode.Redirect);
        (await PostAsync(abroad, Cast.Password)).ShouldBe(HttpStatusCode.TooManyRequests, "its owner's sign-in gives strangers no more guesses");
    }

    [Fact]
    public async Task Five_wrong_ones_from_a_known_browser_make_it_a_stranger_for_fifteen_minutes()
    {
        var device = await DeviceAsync();
        await LockAsync();
        for (var i = 0; i < 5; i++)
        {
            (await TryAsync("wrong password", device)).ShouldBe(SignInOutcome.InvalidCredentials, $"attempt {i + 1}");
        }

        (await TryAsync(Cast.Password, device)).ShouldBe(SignInOutcome.LockedOut);
        (await TryAsync(Cast.Password, _portal.Get<KnownDevices>().Seal(await AliceAsync(), device))).ShouldBe(SignInOutcome.LockedOut, "another cookie of the same browser");
        (await TryAsync(Cast.Password, await DeviceAsync())).ShouldBe(SignInOutcome.SecondFactorRequired, "another browser of hers");

        _portal.Clock.Advance(WrongPasswords.LockFor);
        await LockAsync();
        (await TryAsync(Cast.Password, device)).ShouldBe(SignInOutcome.SecondFactorRequired);
    }

    [Fact]
    public async Task What_a_known_browser_gets_wrong_does_not_lock_the_account_and_is_recorded()
    {
        var device = await DeviceAsync();
        for (var i = 0; i < 5; i++)
        {
            await TryAsync("wrong password", device);
        }

        (await TryAsync(Cast.Password, null)).ShouldBe(SignInOutcome.SecondFactorRequired);
        (await _portal.EntriesAsync(_cast.Alice.Id)).Count(e => e.Action == "session.refused").ShouldBe(5);
    }

    [Fact]
    public async Task Sent_at_once_wrong_ones_each_count()
    {
        var device = await DeviceAsync();
        await LockAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => TryAsync($"guess {i}", device))));

        outcomes.Count(o => o == SignInOutcome.InvalidCredentials).ShouldBe(5);
        outcomes.Count(o => o == SignInOutcome.LockedOut).ShouldBe(15);
    }

    [Fact]
    public async Task A_cookie_of_another_account_or_from_before_a_new_password_or_forged_is_a_strangers()
    {
        var before = await DeviceAsync();
        await using (var db = _portal.OpenDb())
        {
            await db.Set<IdentityUser>().Where(u => u.Id == _cast.Alice.Id).ExecuteUpdateAsync(u => u.SetProperty(x => x.SecurityStamp, "another"));
        }

        var andys = await DeviceAsync(_cast.Andy.Id);
        await LockAsync();

        foreach (var cookie in (string?[])[before, andys, "nonsense", "", null])
        {
            (await TryAsync(Cast.Password, cookie)).ShouldBe(SignInOutcome.LockedOut);
        }

        (await TryAsync(Cast.Password, await DeviceAsync())).ShouldBe(SignInOutcome.SecondFactorRequired);
    }

    [Fact]
    public async Task Whoever_shares_the_address_shuts_no_known_browser_out()
    {
        await using var portal = new Portal(("KeyPortal:Guesses:PerAddress", "2"));
        var cast = await Cast.EnterAsync(portal);
        await using var db = portal.OpenDb();
        var device = portal.Get<KnownDevices>().Seal(await db.Set<IdentityUser>().SingleAsync(u => u.Id == cast.Alice.Id), null);
        var (signIn, origin) = (portal.Get<SignIn>(), new Origin("203.0.113.9", null, null));
        for (var i = 0; i < 2; i++)
        {
            await signIn.WithPasswordAsync("nobody@acme.example", "wrong password", SessionKind.Browser, origin);
        }

        (await signIn.WithPasswordAsync(Email, Cast.Password, SessionKind.Browser, origin)).Outcome.ShouldBe(SignInOutcome.LockedOut);
        (await signIn.WithPasswordAsync(Email, Cast.Password, SessionKind.Browser, origin, device: device)).Outcome.ShouldBe(SignInOutcome.SecondFactorRequired);
    }

    [Fact]
    public async Task Who_is_signed_in_confirms_while_strangers_hold_the_account_locked()
    {
        var session = await _portal.SessionAsync(_cast.Alice);
        var alice = _cast.Alice with { SessionId = session.SessionId };
        await LockAsync();

        (await _portal.Get<Confirmation>().WithCodeAsync(alice, Cast.Password, Cast.CodeNow(_portal))).Refusal.ShouldBeNull();
    }

    private async Task LockAsync()
    {
        for (var i = 0; i < 5; i++)
        {
            (await TryAsync("wrong password", null)).ShouldBe(SignInOutcome.InvalidCredentials);
        }

        (await TryAsync(Cast.Password, null)).ShouldBe(SignInOutcome.LockedOut);
    }

    private async Task<SignInOutcome> TryAsync(string password, string? device) =>
        (await _portal.Get<SignIn>().WithPasswordAsync(Email, password, SessionKind.Browser, Origin.None, device: device)).Outcome;

    /// <summary>The cookie of a browser in which somebody signed in just now.</summary>
    private async Task<string> DeviceAsync(string? userId = null) => _portal.Get<KnownDevices>().Seal(await _portal.Get<Accounts>().GetAsync(userId ?? _cast.Alice.Id), null);

    private Task<IdentityUser> AliceAsync() => _portal.Get<Accounts>().GetAsync(_cast.Alice.Id);

    private static async Task<HttpStatusCode> PostAsync(PagesVisitor browser, string password)
    {
        using var answer = await browser.SubmitAsync("/sign-in", "sign-in", ("Form.Email", Email), ("Form.Password", password));
        return answer.StatusCode;
    }
}
