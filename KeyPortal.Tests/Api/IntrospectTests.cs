using System.Net;
using KeyPortal.Keys;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

/// <summary>RFC 7662, as a program that has never heard of KeyPortal uses it.</summary>
public sealed class IntrospectTests : IAsyncLifetime
{
    private const string Path = "/api/v1/introspect";
    private readonly Portal _portal = new();
    private Cast _cast = null!;
    private Client _client = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _client = await Client.OfAsync(_portal, _cast.Alice);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private Task<Answer> AskAsync(params (string Name, string Value)[] fields) =>
        _client.SendAsync(HttpMethod.Post, Path, new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))));

    [Fact]
    public async Task A_good_key_is_active_and_says_what_it_may()
    {
        var end = _portal.Clock.Now.AddDays(1);
        var key = await _portal.KeyAsync(_cast.Alice, with: k => k with { Scopes = ["triggers:read", "events:read"], Expiry = ExpiryInput.On(end) });

        var answer = (await AskAsync(("token", key.Plaintext.Expose()), ("token_type_hint", "access_token"), ("extension", "x"))).Is(HttpStatusCode.OK);

        answer["active"].GetValue<bool>().ShouldBeTrue();
        answer.Text("scope").ShouldBe("triggers:read events:read");
        answer.Text("client_id").ShouldBe(key.Key.Id);
        answer.Text("sub").ShouldBe(_cast.Alice.MemberId);
        answer["exp"].GetValue<long>().ShouldBe(end.ToUnixTimeSeconds());
        answer.Message.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task Whatever_is_wrong_with_a_key_it_is_inactive_and_nothing_else()
    {
        var revoked = await _portal.KeyAsync(_cast.Alice, "Revoked");
        await _portal.Get<KeyRevocation>().RevokeAsync(_cast.Alice, revoked.Key.Id, RevocationReason.KeyCompromise);
        var bound = await _portal.KeyAsync(_cast.Alice, "Bound", with: k => k with { AllowedIps = ["10.0.0.0/8"] });
        var theirs = await _portal.KeyAsync(_cast.Olaf);

        foreach (var token in new[] { revoked.Plaintext.Expose(), bound.Plaintext.Expose(), theirs.Plaintext.Expose(), "nonsense", "sk_test_0123456789ABCDEFGHIJKLMNOP4PdKB4", new string('x', 30_000) })
        {
            (await AskAsync(("token", token))).Is(HttpStatusCode.OK).Json!.ToJsonString().ShouldBe("""{"active":false}""");
        }
    }

    [Fact]
    public async Task The_form_is_asked_for_by_name()
    {
        (await AskAsync()).IsProblem(400, "invalid_request");
        (await AskAsync(("token", ""))).IsProblem(400, "invalid_request");
        (await AskAsync(("token", "a"), ("token", "b"))).IsProblem(400, "invalid_request");
        (await AskAsync(("token", new string('x', 70_000)))).IsProblem(413, "body_too_large");
        (await _client.RawAsync(Path, """{"token":"x"}""")).IsProblem(415, "unsupported_media_type");
        (await _client.SendAsync(HttpMethod.Post, Path, new MultipartFormDataContent { { new StringContent("x"), "token" } })).IsProblem(415, "unsupported_media_type");
    }

    [Fact]
    public async Task It_needs_a_caller_that_may_validate()
    {
        var weak = await _portal.KeyAsync(_cast.Alice, with: k => k with { Scopes = ["usage:read"] });

        (await _client.With(null).RawAsync(Path, "token=x", "application/x-www-form-urlencoded")).IsProblem(401, "unauthenticated");
        (await _client.With(weak.Plaintext.Expose()).RawAsync(Path, "token=x", "application/x-www-form-urlencoded")).Is(HttpStatusCode.Forbidden);
    }
}
