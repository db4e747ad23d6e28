using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Access;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Api;

/// <summary>Signing in over HTTP: password, second factor, tokens.</summary>
public sealed class SignInApiTests : IAsyncLifetime
{
    private const string Email = "alice@acme.example";
    private readonly Portal _portal = new();
    private Cast _cast = null!;
    private Client _client = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _client = new Client(_portal.CreateClient(), null);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private Task<Answer> LoginAsync(string email = Email, string password = Cast.Password) => _client.PostAsync(Auth("login"), new JsonObject { ["email"] = email, ["password"] = password });

    private async Task<string> ChallengeAsync() => (await LoginAsync()).Is(HttpStatusCode.OK).Text("challenge_token");

    private Task<Answer> ShowAsync(string challenge, string field, string value) => _client.PostAsync(Auth("2fa"), new JsonObject { ["challenge_token"] = challenge, [field] = value });

    private static string Auth(string call) => "/api/v1/auth/" + call;

    private async Task<int> SessionsAsync()
    {
        await using var db = _portal.OpenDb();
        return await db.Set<Session>().CountAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_password_and_a_code_give_tokens_that_manage_keys()
    {
        var (secret, _) = await _portal.AuthenticatorAsync(_cast.Alice);

        var first = (await LoginAsync()).Is(HttpStatusCode.OK);
        first.Json!.AsObject().Select(f => f.Key).ShouldBe(["status", "challenge_token", "methods"]);
        first.Text("status").ShouldBe("two_factor_required");
        first["methods"].AsArray().Select(m => m!.GetValue<string>()).ShouldBe(["totp", "recovery_code"], ignoreOrder: true);
        (await SessionsAsync()).ShouldBe(0);

        var second = (await ShowAsync(first.Text("challenge_token"), "code", Totp.CodeAt(secret, _portal.Clock.Now))).Is(HttpStatusCode.OK);
        second.Json!.AsObject().Select(f => f.Key).ShouldBe(["access_token", "token_type", "expires_in", "refresh_token"]);
        (second.Text("token_type"), second["expires_in"].GetValue<int>()).ShouldBe(("Bearer", 900));
        foreach (var answer in (Answer[])[first, second])
        {
            answer.Message.Headers.CacheControl!.NoStore.ShouldBeTrue();
            answer.Message.Headers.Contains("Set-Cookie").ShouldBeFalse();
        }

        var created = (await _client.WithToken(second.Text("access_token")).CreateAsync(new JsonObject { ["name"] = "By token" })).Is(HttpStatusCode.Created);
        created["owner"]["id"]!.GetValue<string>().ShouldBe(_cast.Alice.Id);
        created.Text("created_by").ShouldBe(_cast.Alice.Id);
        var entry = (await _portal.AuditAsync(_cast.Alice, "key.created")).Single();
        (entry.ActorType, entry.ActorId).ShouldBe(("member", _cast.Alice.Id));
        (await _portal.AuditAsync(_cast.Alice, "session.started")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_recovery_code_stands_in_for_a_code_once()
    {
        var (_, codes) = await _portal.AuthenticatorAsync(_cast.Alice);
        var code = codes.Expose()[0];

        (await ShowAsync(await ChallengeAsync(), "recovery_code", code)).Is(HttpStatusCode.OK);
        (await ShowAsync(await ChallengeAsync(), "recovery_code", code)).IsProblem(401, "invalid_code");
    }

    [Fact]
    public async Task A_code_gets_one_of_twenty_in()
    {
        var (secret, _) = await _portal.AuthenticatorAsync(_cast.Alice);
        var challenges = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            challenges.Add(await ChallengeAsync());
        }

        var code = Totp.CodeAt(secret, _portal.Clock.Now);
        var answers = await Task.WhenAll(challenges.Select(c => ShowAsync(c, "code", code)));

        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(1);
        answers.Where(a => a.Status != HttpStatusCode.OK).ShouldAllBe(a => a.Status == HttpStatusCode.Unauthorized);
        (await SessionsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_challenge_ends_after_five_minutes_and_with_its_first_use()
    {
        var (secret, _) = await _portal.AuthenticatorAsync(_cast.Alice);
        var late = await ChallengeAsync();
        _portal.Clock.Advance(SignIn.ChallengeLifetime);
        (await ShowAsync(late, "code", Totp.CodeAt(secret, _portal.Clock.Now))).IsProblem(401, "challenge_expired");

        var used = await ChallengeAsync();
        (await ShowAsync(used, "code", Totp.CodeAt(secret, _portal.Clock.Now))).Is(HttpStatusCode.OK);
        _portal.Clock.Advance(TimeSpan.FromSeconds(Totp.StepSeconds));
        (await ShowAsync(used, "code", Totp.CodeAt(secret, _portal.Clock.Now))).IsProblem(401, "challenge_expired");
    }

    [Fact]
    public async Task A_browsers_challenge_gives_no_tokens()
    {
        var (secret, _) = await _portal.AuthenticatorAsync(_cast.Alice);
        var browser = await _portal.Get<SignIn>().WithPasswordAsync(Email, Cast.Password, SessionKind.Browser, Origin.None, cancellationToken: TestContext.Current.CancellationToken);

        (await ShowAsync(browser.Pending!.Token.Expose(), "code", Totp.CodeAt(secret, _portal.Clock.Now))).IsProblem(401, "challenge_expired");
    }

    [Fact]
    public async Task Five_wrong_codes_lock()
    {
        var (secret, _) = await _portal.AuthenticatorAsync(_cast.Alice);
        var challenge = await ChallengeAsync();
        for (var i = 0; i < 5; i++)
        {
            (await ShowAsync(challenge, "code", "not a code")).IsProblem(401, "invalid_code");
        }

        var locked = (await ShowAsync(await ChallengeAsync(), "code", Totp.CodeAt(secret, _portal.Clock.Now))).IsProblem(429, "locked");
        locked.Message.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromMinutes(15));
    }

    [Fact]
    public async Task Without_a_second_factor_no_program_gets_in()
    {
        await _portal.WithoutSecondFactorAsync(_cast.Alice);
        (await LoginAsync()).IsProblem(403, "second_factor_not_set_up");
        (await SessionsAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_wrong_password_an_unknown_address_and_a_disabled_member_look_alike_to_the_lock_and_beyond()
    {
        await _portal.AuthenticatorAsync(_cast.Alice);
        await _portal.AuthenticatorAsync(_cast.Dora);
        await using (var db = _portal.OpenDb())
        {
            await db.Set<Member>().Where(m => m.UserId == _cast.Dora.Id).ExecuteUpdateAsync(m => m.SetProperty(x => x.State, MemberState.Disabled), TestContext.Current.CancellationToken);
        }

        for (var i = 0; i < 7; i++)
        {
            var known = await SeenAsync(await LoginAsync(Email, "wrong password"));
            known.ShouldBe(await SeenAsync(await LoginAsync("nobody@acme.example", "wrong password")), $"attempt {i + 1}");
            known.ShouldStartWith(i < 5 ? "Unauthorized" : "TooManyRequests");
            if (i < 5)
            {
                (await LoginAsync("dora@acme.example")).IsProblem(401, "invalid_credentials");
            }
        }

        (await LoginAsync()).IsProblem(429, "locked").Message.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromMinutes(15));
    }

    [Fact]
    public async Task Too_many_wrong_passwords_from_one_address_are_answered_like_a_lock()
    {
        await using var portal = new Portal(("KeyPortal:Guesses:PerAddress", "3"));
        await Cast.EnterAsync(portal);
        var client = new Client(portal.CreateClient(), null);
        for (var i = 0; i < 3; i++)
        {
            (await client.PostAsync(Auth("login"), new JsonObject { ["email"] = $"{i}@acme.example", ["password"] = "x" })).IsProblem(401, "invalid_credentials");
            (await client.PostAsync(Auth("refresh"), new JsonObject { ["refresh_token"] = "x" })).IsProblem(401, "invalid_refresh_token");
        }

        (await client.PostAsync(Auth("login"), new JsonObject { ["email"] = Email, ["password"] = Cast.Password })).IsProblem(429, "locked");
        (await client.PostAsync(Auth("refresh"), new JsonObject { ["refresh_token"] = "x" })).IsProblem(429, "too_many_attempts").Message.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromMinutes(15));
    }

    [Fact]
    public async Task Logging_out_ends_the_session_and_all_its_tokens()
    {
        var pair = await _portal.TokensAsync(_cast.Alice);
        var other = await _portal.TokensAsync(_cast.Alice);
        var client = _client.WithToken(pair.AccessToken);

        var left = (await client.PostAsync(Auth("logout"))).Is(HttpStatusCode.NoContent);

        left.Json.ShouldBeNull();
        (await client.PostAsync(Auth("logout"))).IsProblem(401, "unauthenticated");
        (await client.GetAsync(Client.Keys)).IsProblem(401, "unauthenticated");
        (await _client.PostAsync(Auth("refresh"), new JsonObject { ["refresh_token"] = pair.RefreshToken.Expose() })).IsProblem(401, "invalid_refresh_token");
        (await _client.WithToken(other.AccessToken).GetAsync(Client.Keys)).Is(HttpStatusCode.OK);
        (await _portal.AuditAsync(_cast.Alice, "session.ended")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_key_has_no_session_to_end()
    {
        var key = await _portal.ManagementKeyAsync(_cast.Alice);

        (await _client.With(key).PostAsync(Auth("logout"))).IsProblem(401, "unauthenticated");
        (await _client.WithToken(key).PostAsync(Auth("logout"))).IsProblem(401, "unauthenticated");
        (await _client.PostAsync(Auth("logout"))).IsProblem(401, "unauthenticated");
        (await _client.With(key).GetAsync(Client.Keys)).Is(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("login", "{}", "/email /password")]
    [InlineData("login", """{"email":"a@b.example","password":""}""", "/password")]
    [InlineData("2fa", "{}", "/challenge_token")]
    [InlineData("2fa", """{"challenge_token":"x"}""", "/code")]
    [InlineData("2fa", """{"challenge_token":"x","code":"1","recovery_code":"2"}""", "/code")]
    [InlineData("refresh", "{}", "/refresh_token")]
    public async Task What_is_missing_is_named(string call, string body, string pointers) =>
        (await _client.RawAsync(Auth(call), body)).IsProblem(422, "validation_failed").Pointers.ShouldBe(pointers);

    [Theory]
    [InlineData("login", """{"email":"a@b.example","password":"x","remember":true}""")]
    [InlineData("login", """{"email":"a@b.example","password":"x","password":"y"}""")]
    [InlineData("login", """{"email":["a@b.example"],"password":"x"}""")]
    [InlineData("2fa", """{"challenge_token":"x","code":123456}""")]
    [InlineData("refresh", """{"refresh_token":"x","scope":"all"}""")]
    public async Task What_is_not_known_is_refused(string call, string body) => (await _client.RawAsync(Auth(call), body)).IsProblem(400, "malformed_json");

    [Fact]
    public async Task Bodies_are_bounded_and_posts_are_posts()
    {
        (await _client.RawAsync(Auth("login"), $$"""{"email":"a@b.example","password":"{{new string('x', 65 * 1024)}}"}""")).IsProblem(413, "body_too_large");
        (await _client.RawAsync(Auth("login"), "email=a@b.example&password=x", "application/x-www-form-urlencoded")).IsProblem(415, "unsupported_media_type");
        (await _client.GetAsync(Auth("login"))).IsProblem(405, "method_not_allowed");
    }

    private static async Task<string> SeenAsync(Answer answer)
    {
        var headers = answer.Message.Headers.Concat(answer.Message.Content.Headers).Select(h => $"{h.Key}: {string.Join(',', h.Value)}").Order();
        var seen = $"{answer.Status}\n{string.Join('\n', headers)}\n{await answer.Message.Content.ReadAsStringAsync()}";
        return seen.Replace(answer.Text("request_id"), "", StringComparison.Ordinal);
    }
}
