using System.Net;
using KeyPortal.Access;
using KeyPortal.Access.Pages;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Access;

/// <summary>Passkeys at the two doors: alone, and after a password. Everything over HTTP and through the framework's own checks.</summary>
public sealed class PasskeySignInTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private readonly SoftwareAuthenticator _passkey = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        await _portal.WithoutAppAsync(_cast.Alice);
        await _portal.PasskeyAsync(_cast.Alice, _passkey);
        _portal.Clock.Advance(TimeSpan.FromSeconds(1));
    }

    public async ValueTask DisposeAsync()
    {
        _passkey.Dispose();
        await _portal.DisposeAsync();
    }

    public static TheoryData<string, Action<SoftwareAuthenticator>> Lies => new()
    {
        { "another site's page", a => a.Origin = "http://evil.example" },
        { "another port", a => a.Origin = "http://localhost:8080" },
        { "another scheme", a => a.Origin = "https://localhost" },
        { "another site's passkey", a => a.RelyingParty = "evil.example" },
        { "a frame of another site", a => a.CrossOrigin = true },
        { "a frame in another site's page", a => a.TopOrigin = "http://evil.example" },
        { "a holder nobody checked", a => a.VerifiesUser = false },
        { "an answer to another question", a => a.Challenge = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
        { "somebody else's name", a => a.UserHandle = "usr_00000000000000000000000000" },
    };

    [Fact]
    public async Task A_passkey_alone_signs_in_and_counts_as_two_factors()
    {
        using var alice = new PasskeyVisitor(_portal);

        using var answer = await alice.UseAsync(PasskeyVisitor.SignInPage, _passkey);

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await SessionAsync()).Method.ShouldBe(SignInMethod.Passkey);
        (await alice.GetAsync("/account")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_passkey_follows_a_password()
    {
        using var alice = new PasskeyVisitor(_portal);
        using var password = await alice.TypePasswordAsync("alice@acme.example");
        password.Headers.Location!.ToString().ShouldContain(PasskeyVisitor.SecondStepPage);
        alice.SessionCookie.ShouldBeNull();

        using var answer = await alice.UseAsync(PasskeyVisitor.SecondStepPage, _passkey);

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await SessionAsync()).Method.ShouldBe(SignInMethod.PasswordAndPasskey);
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_passkey_alone_is_refused_with(string what, Action<SoftwareAuthenticator> lie)
    {
        using var alice = new PasskeyVisitor(_portal);
        lie(_passkey);

        using var answer = await alice.UseAsync(PasskeyVisitor.SignInPage, _passkey);

        await ShouldBeRefusedAsync(alice, answer, what);
        (await RefusalsAsync()).Count.ShouldBe(1, what);
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_passkey_after_a_password_is_refused_with(string what, Action<SoftwareAuthenticator> lie)
    {
        using var alice = new PasskeyVisitor(_portal);
        using var password = await alice.TypePasswordAsync("alice@acme.example");
        lie(_passkey);

        using var answer = await alice.UseAsync(PasskeyVisitor.SecondStepPage, _passkey);

        await ShouldBeRefusedAsync(alice, answer, what);
        (await RefusalsAsync()).Count.ShouldBe(1, what);
    }

    [Fact]
    public async Task An_answer_counts_once_even_with_a_copy_of_its_question()
    {
        using var alice = new PasskeyVisitor(_portal);
        using var thief = new PasskeyVisitor(_portal);
        var answer = await alice.AnswerAsync(PasskeyVisitor.SignInPage, _passkey);
        await thief.AskAsync(PasskeyVisitor.SignInPage);
        thief.Question = alice.Question;
        using var right = await alice.SendAsync(PasskeyVisitor.SignInPage, answer);
        right.StatusCode.ShouldBe(HttpStatusCode.Redirect);

        using var again = await thief.SendAsync(PasskeyVisitor.SignInPage, answer);

        await ShouldBeRefusedAsync(thief, again, "a second time");
    }

    [Fact]
    public async Task An_answer_counts_in_the_browser_that_was_asked_and_for_what_was_asked()
    {
        using var alice = new PasskeyVisitor(_portal);
        var answer = await alice.AnswerAsync(PasskeyVisitor.SignInPage, _passkey);
        using var other = new PasskeyVisitor(_portal);
        using (var elsewhere = await other.SendAsync(PasskeyVisitor.SignInPage, answer))
        {
            await ShouldBeRefusedAsync(other, elsewhere, "another browser");
        }

        using var password = await alice.TypePasswordAsync("alice@acme.example");
        using var atTheOtherDoor = await alice.SendAsync(PasskeyVisitor.SecondStepPage, answer);

        await ShouldBeRefusedAsync(alice, atTheOtherDoor, "another purpose");
    }

    [Fact]
    public async Task A_question_is_good_for_five_minutes()
    {
        using var alice = new PasskeyVisitor(_portal);
        var answer = await alice.AnswerAsync(PasskeyVisitor.SignInPage, _passkey);
        _portal.Clock.Advance(TimeSpan.FromMinutes(5));

        using var late = await alice.SendAsync(PasskeyVisitor.SignInPage, answer);

        await ShouldBeRefusedAsync(alice, late, "too late");
    }

    [Fact]
    public async Task A_counter_that_goes_back_is_refused_and_recorded_for_there_may_be_a_copy()
    {
        using var alice = new PasskeyVisitor(_portal);
        _passkey.Counter = 7;
        (await alice.UseAsync(PasskeyVisitor.SignInPage, _passkey)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        using var thief = new PasskeyVisitor(_portal);
        _passkey.Counter = 6;

        using var answer = await thief.UseAsync(PasskeyVisitor.SignInPage, _passkey);

        await ShouldBeRefusedAsync(thief, answer, "a copy");
        System.Text.Encoding.UTF8.GetString((await RefusalsAsync()).Single().Bytes).ShouldContain("\"reason\":\"passkey_counter\"");
    }

    [Fact]
    public async Task A_passkey_makes_a_session_fresh_under_a_new_id()
    {
        var old = await _portal.SessionAsync(_cast.Alice, SignInMethod.Passkey);
        _portal.Clock.Advance(TimeSpan.FromMinutes(10));
        using var alice = new PasskeyVisitor(_portal);
        alice.Use(old);

        using var answer = await alice.UseAsync(PasskeyVisitor.ConfirmPage, _passkey);

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await _portal.Get<Sessions>().FindLiveAsync(old.SessionId, old.UserId)).ShouldBeNull();
        (await SessionAsync()).VerifiedAt.ShouldBe(_portal.Clock.Now);
    }

    [Fact]
    public async Task Another_members_passkey_confirms_nobody_else()
    {
        using var dorasPasskey = new SoftwareAuthenticator { UserHandle = _cast.Alice.MemberId };
        await _portal.PasskeyAsync(_cast.Dora, dorasPasskey);
        var old = await _portal.SessionAsync(_cast.Alice, SignInMethod.Passkey);
        using var thief = new PasskeyVisitor(_portal);
        thief.Use(old);
        var before = thief.SessionCookie;

        using var answer = await thief.UseAsync(PasskeyVisitor.ConfirmPage, dorasPasskey);

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        thief.SessionCookie.ShouldBe(before);
        (await RefusalsAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Another_members_passkey_follows_nobody_elses_password()
    {
        using var dorasPasskey = new SoftwareAuthenticator();
        await _portal.PasskeyAsync(_cast.Dora, dorasPasskey);
        using var dora = new PasskeyVisitor(_portal);
        using var password = await dora.TypePasswordAsync("alice@acme.example");
        dorasPasskey.UserHandle = _cast.Alice.MemberId;

        using var answer = await dora.UseAsync(PasskeyVisitor.SecondStepPage, dorasPasskey);

        await ShouldBeRefusedAsync(dora, answer, "another member's passkey");
    }

    [Fact]
    public async Task A_removed_an_unknown_and_a_disabled_members_passkey_are_refused_alike()
    {
        using var unknown = new SoftwareAuthenticator { UserHandle = "usr_00000000000000000000000000" };
        using var dorasPasskey = new SoftwareAuthenticator();
        await _portal.PasskeyAsync(_cast.Dora, dorasPasskey);
        await _portal.Get<Writer>().RunAsync<bool>(async write =>
        {
            (await write.Set<Member>().SingleAsync(m => m.UserId == _cast.Dora.MemberId)).State = MemberState.Disabled;
            await write.Set<IdentityUserPasskey<string>>().Where(p => p.UserId == _cast.Alice.MemberId).ExecuteDeleteAsync();
            return true;
        });

        var refusals = new List<(HttpStatusCode, string)>();
        foreach (var passkey in new[] { unknown, dorasPasskey, _passkey })
        {
            using var visitor = new PasskeyVisitor(_portal);
            using var answer = await visitor.UseAsync(PasskeyVisitor.SignInPage, passkey);
            visitor.SessionCookie.ShouldBeNull();
            refusals.Add((answer.StatusCode, (await answer.Content.ReadAsStringAsync()).Split("role=\"alert\"")[1].Split("</div>")[0]));
        }

        refusals.Distinct().Count().ShouldBe(1);
        refusals[0].Item1.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Wrong_passwords_do_not_lock_a_passkey_out()
    {
        for (var i = 0; i < 5; i++)
        {
            await _portal.Get<SignIn>().WithPasswordAsync("alice@acme.example", "not the password", SessionKind.Browser, Origin.None);
        }

        using var alice = new PasskeyVisitor(_portal);

        (await alice.UseAsync(PasskeyVisitor.SignInPage, _passkey)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"id":7}""")]
    [InlineData("""{"id":"a","id":"b"}""")]
    [InlineData("""{"id":"%%%","type":"public-key","response":null}""")]
    public async Task Nonsense_is_refused_as_a_wrong_passkey_is(string nonsense)
    {
        using var visitor = new PasskeyVisitor(_portal);
        await visitor.AskAsync(PasskeyVisitor.SignInPage);

        using var answer = await visitor.SendAsync(PasskeyVisitor.SignInPage, nonsense);

        await ShouldBeRefusedAsync(visitor, answer, nonsense);
    }

    [Fact]
    public async Task Questions_are_for_our_own_pages_and_for_those_they_concern()
    {
        using var nobody = new PasskeyVisitor(_portal);
        foreach (var path in new[] { PasskeyEndpoints.ForSignIn, PasskeyEndpoints.ForSecondStep, PasskeyEndpoints.ForConfirmation, PasskeyEndpoints.ForEnrolment })
        {
            (await nobody.PostAsync(path)).StatusCode.ShouldBe(HttpStatusCode.BadRequest, path);
        }

        nobody.Question.ShouldBeNull();
    }

    private async Task<Session> SessionAsync()
    {
        await using var db = _portal.OpenDb();
        return await db.Set<Session>().SingleAsync(s => s.UserId == _cast.Alice.MemberId && s.StartedAt == _portal.Clock.Now);
    }

    private async Task<IReadOnlyList<AuditEntry>> RefusalsAsync() =>
        [.. (await _portal.EntriesAsync(_cast.Alice.MemberId)).Where(e => e is { Action: "session.refused", Outcome: AuditOutcome.Refused })];

    private static async Task ShouldBeRefusedAsync(PasskeyVisitor visitor, HttpResponseMessage answer, string what)
    {
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, what);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("role=\"alert\"");
        visitor.SessionCookie.ShouldBeNull(what);
    }
}
