using System.Net;
using System.Text;
using KeyPortal.Access;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Access;

/// <summary>Adding a passkey, over the page and through the framework's own checks.</summary>
public sealed class PasskeyEnrolmentTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private readonly SoftwareAuthenticator _passkey = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        await _portal.WithoutAppAsync(_cast.Alice);
    }

    public async ValueTask DisposeAsync()
    {
        _passkey.Dispose();
        await _portal.DisposeAsync();
    }

    public static TheoryData<string, Action<SoftwareAuthenticator>> Lies => new()
    {
        { "another site's page", a => a.Origin = "http://evil.example" },
        { "another site's passkey", a => a.RelyingParty = "evil.example" },
        { "a frame of another site", a => a.CrossOrigin = true },
        { "a frame in another site's page", a => a.TopOrigin = "http://evil.example" },
        { "a holder nobody checked", a => a.VerifiesUser = false },
        { "an answer to another question", a => a.Challenge = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
    };

    [Fact]
    public async Task The_first_passkey_renews_the_session_ends_the_others_and_shows_recovery_codes_once()
    {
        var elsewhere = await _portal.SessionAsync(_cast.Alice, SignInMethod.Password);
        using var alice = await PasskeyVisitor.SignedInAsync(_portal, _cast.Alice);
        var before = alice.SessionCookie;

        using var answer = await alice.UseAsync(PasskeyVisitor.NewPage, _passkey, "Alice’s laptop");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync()).Split("<li>").Length.ShouldBe(RecoveryCodes.Count + 1);
        alice.SessionCookie.ShouldNotBe(before);
        (await _portal.Get<Sessions>().FindLiveAsync(elsewhere.SessionId, elsewhere.UserId)).ShouldBeNull();
        await using var db = _portal.OpenDb();
        (await db.Set<Session>().SingleAsync(s => s.UserId == _cast.Alice.MemberId && s.EndedAt == null)).Method.ShouldBe(SignInMethod.PasswordAndPasskey);
        (await db.Set<RecoveryCode>().CountAsync(c => c.UserId == _cast.Alice.MemberId)).ShouldBe(RecoveryCodes.Count);
    }

    [Fact]
    public async Task It_is_recorded_without_the_key_and_with_the_name_apart()
    {
        await _portal.PasskeyAsync(_cast.Alice, _passkey, "Alice’s laptop");

        var entry = (await _portal.EntriesAsync(_cast.Alice.MemberId)).Single(e => e.Action == "passkey.added");
        var text = Encoding.UTF8.GetString(entry.Bytes);
        text.ShouldContain("\"details\":{\"name\":\"sha256:");
        text.ShouldNotContain("laptop");
        text.ShouldNotContain(System.Buffers.Text.Base64Url.EncodeToString(_passkey.CredentialId));
    }

    [Fact]
    public async Task The_second_needs_a_fresh_sign_in_and_brings_no_new_codes()
    {
        await _portal.PasskeyAsync(_cast.Alice, _passkey);
        using var second = new SoftwareAuthenticator();
        using var alice = await PasskeyVisitor.SignedInAsync(_portal, _cast.Alice, SignInMethod.Passkey);
        _portal.Clock.Advance(TimeSpan.FromMinutes(10));
        using (var stale = await alice.GetAsync(PasskeyVisitor.NewPage))
        {
            stale.StatusCode.ShouldBe(HttpStatusCode.Redirect);
            stale.Headers.Location!.ToString().ShouldContain("/confirm?return=%2Faccount%2Fpasskeys%2Fnew");
        }

        alice.Use(await _portal.SessionAsync(_cast.Alice, SignInMethod.Passkey));
        using var fresh = await alice.UseAsync(PasskeyVisitor.NewPage, second, "Another");

        fresh.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        fresh.Headers.Location!.ToString().ShouldEndWith("/account");
        (await _portal.Get<Passkeys>().ListAsync(_cast.Alice)).Value.Select(p => p.Name).ShouldBe(["A passkey", "Another"]);
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_passkey_is_not_taken_with(string what, Action<SoftwareAuthenticator> lie)
    {
        lie(_passkey);
        using var alice = await PasskeyVisitor.SignedInAsync(_portal, _cast.Alice);

        using var answer = await alice.UseAsync(PasskeyVisitor.NewPage, _passkey);

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, what);
        (await _portal.Get<Passkeys>().ListAsync(_cast.Alice)).Value.ShouldBeEmpty(what);
    }

    [Fact]
    public async Task An_answer_counts_in_the_session_that_was_asked()
    {
        using var alice = await PasskeyVisitor.SignedInAsync(_portal, _cast.Alice);
        var answer = await alice.AnswerAsync(PasskeyVisitor.NewPage, _passkey);
        using var dora = await PasskeyVisitor.SignedInAsync(_portal, _cast.Dora);
        await dora.AskAsync(PasskeyVisitor.NewPage);
        dora.Question = alice.Question;

        using var planted = await dora.SendAsync(PasskeyVisitor.NewPage, answer);

        planted.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await _portal.Get<Passkeys>().ListAsync(_cast.Dora)).Value.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_passkey_belongs_to_one_account()
    {
        await _portal.PasskeyAsync(_cast.Alice, _passkey);
        using var dora = await PasskeyVisitor.SignedInAsync(_portal, _cast.Dora);

        using var answer = await dora.UseAsync(PasskeyVisitor.NewPage, _passkey);

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await _portal.Get<Passkeys>().ListAsync(_cast.Dora)).Value.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567891")]
    public async Task A_name_has_1_to_60_characters(string name)
    {
        using var alice = await PasskeyVisitor.SignedInAsync(_portal, _cast.Alice);

        using var answer = await alice.UseAsync(PasskeyVisitor.NewPage, _passkey, name);

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await _portal.Get<Passkeys>().ListAsync(_cast.Alice)).Value.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_account_has_20_passkeys_at_most()
    {
        await using (var db = _portal.OpenDb())
        {
            db.AddRange(Enumerable.Range(0, 20).Select(i => new IdentityUserPasskey<string>
            {
                UserId = _cast.Alice.MemberId,
                CredentialId = [(byte)i],
                Data = new IdentityPasskeyData { PublicKey = [], AttestationObject = [], ClientDataJson = [], CreatedAt = _portal.Clock.Now },
            }));
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        using var alice = await PasskeyVisitor.SignedInAsync(_portal, _cast.Alice, SignInMethod.Passkey);

        (await (await alice.GetAsync(PasskeyVisitor.NewPage)).Content.ReadAsStringAsync()).ShouldContain("has 20 passkeys");
        (await _portal.Get<PasskeyEnrolment>().RefuseAsync(_cast.Alice with { SessionId = (await _portal.SessionAsync(_cast.Alice)).SessionId }))!.Code.ShouldBe("passkey_limit_reached");
    }

    [Fact]
    public async Task Nobody_adds_a_passkey_without_a_session()
    {
        using var nobody = new PasskeyVisitor(_portal);

        using var answer = await nobody.GetAsync(PasskeyVisitor.NewPage);

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.ToString().ShouldContain("/sign-in?return=");
    }
}
