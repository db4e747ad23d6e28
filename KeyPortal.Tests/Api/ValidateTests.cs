using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

public sealed class ValidateTests : IAsyncLifetime
{
    private readonly Portal _portal = new(("KeyPortal:Policy:KeysPerMember", "1000"));
    private Cast _cast = null!;
    private Client _client = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _client = await Client.OfAsync(_portal, _cast.Alice);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private async Task<Answer> RefusedAsync(string presented, string code, string? demand = null)
    {
        var body = JsonNode.Parse(demand ?? "{}")!.AsObject();
        body["key"] = presented;
        var answer = (await _client.ValidateAsync(body)).Is(HttpStatusCode.OK);
        answer["valid"].GetValue<bool>().ShouldBeFalse();
        answer.Code.ShouldBe(code, answer.Json!.ToJsonString());
        answer["reasons"][0]!["code"]!.GetValue<string>().ShouldBe(code);
        answer["reasons"][0]!["detail"]!.GetValue<string>().Length.ShouldBeGreaterThan(20);
        return answer;
    }

    [Fact]
    public async Task A_good_key_is_described_as_the_contract_says()
    {
        var key = await _portal.KeyAsync(_cast.Dora, "Good", with: k => k with { Scopes = ["triggers:read"], Metadata = new Dictionary<string, string> { ["a"] = "b" } });

        var answer = (await _client.ValidateAsync(JsonNode.Parse($$"""
            {"key":"{{key.Plaintext.Expose()}}","scopes":"triggers:read AND (events:read OR triggers:read)","endpoint":"GET /x","cost":3}
            """)!)).Is(HttpStatusCode.OK);

        answer.Json!["request_id"] = "req";
        answer.Json.ToJsonString().ShouldBe(
            $$"""{"valid":true,"code":"valid","key_id":"{{key.Key.Id}}","organization_id":"{{_cast.AcmeId}}","name":"Good","type":"secret","environment":"test","""
            + $$"""
            "owner":{"type":"member","id":"{{_cast.Dora.Id}}"},"agent":null,"scopes":["triggers:read"],"resources":[],"expires_at":null,"metadata":{"a":"b"},"warnings":[],"rate_limits":[],"quotas":[],"headers":{},"request_id":"req"}
            """);
    }

    [Fact]
    public async Task Each_refusal_has_its_code_and_a_reason()
    {
        async Task<string> KeyAsync(Func<KeyInput, KeyInput>? with = null, KeyType type = KeyType.Secret) => (await _portal.KeyAsync(_cast.Alice, "K", type, with: with)).Plaintext.Expose();
        var plain = await KeyAsync();

        await RefusedAsync("", "malformed");
        await RefusedAsync(plain[..^1], "malformed");
        await RefusedAsync("sk_test_0123456789ABCDEFGHIJKLMNOP4PdKB4", "not_found");
        await RefusedAsync((await _portal.KeyAsync(_cast.Olaf)).Plaintext.Expose(), "not_found");
        await RefusedAsync(await KeyAsync(k => k with { NotBefore = _portal.Clock.Now.AddHours(1) }), "not_yet_valid");
        await RefusedAsync(plain, "environment_mismatch", """{"environment":"live"}""");
        (await RefusedAsync(await KeyAsync(k => k with { AllowedIps = ["10.0.0.0/24"] }), "ip_not_allowed", """{"ip":"203.0.113.9"}"""))["reasons"][0]!["detail"]!.GetValue<string>()
            .ShouldBe("203.0.113.9 is not in 10.0.0.0/24.");
        await RefusedAsync(await KeyAsync(k => k with { AllowedOrigins = ["https://a.example"] }, KeyType.Publishable), "origin_not_allowed", """{"origin":"https://b.example"}""");
        await RefusedAsync(plain, "insufficient_scope", """{"scopes":["triggers:read"]}""");
        await RefusedAsync(await KeyAsync(k => k with { Resources = ["a/*"] }), "resource_not_allowed", """{"resource":"b/1"}""");

        var expiring = await KeyAsync(k => k with { Expiry = ExpiryInput.In(ExpiryChoice.Days30) });
        _portal.Clock.Advance(TimeSpan.FromDays(31));
        await RefusedAsync(expiring, "expired");
    }

    [Fact]
    public async Task Every_failed_check_is_named_in_order()
    {
        var key = await _portal.KeyAsync(_cast.Alice, with: k => k with { AllowedIps = ["10.0.0.0/24"], Resources = ["a"] });
        await _portal.Get<KeySuspension>().DisableAsync(_cast.Alice, key.Key.Id);
        await _portal.Get<KeyRevocation>().RevokeAsync(_cast.Alice, key.Key.Id, RevocationReason.Superseded);

        var answer = await RefusedAsync(key.Plaintext.Expose(), "revoked", """{"environment":"live","ip":"203.0.113.9","scopes":["a:b"],"resource":"b"}""");

        answer["reasons"].AsArray().Select(r => r!["code"]!.GetValue<string>())
            .ShouldBe(["revoked", "disabled", "environment_mismatch", "ip_not_allowed", "insufficient_scope", "resource_not_allowed"]);
    }

    [Theory]
    [InlineData("""{}""", "/key")]
    [InlineData("""{"key":null}""", "/key")]
    [InlineData("""{"key":"x","ip":"10.1"}""", "/ip")]
    [InlineData("""{"key":"x","environment":"prod"}""", "/environment")]
    [InlineData("""{"key":"x","cost":0}""", "/cost")]
    [InlineData("""{"key":"x","cost":1000000001}""", "/cost")]
    [InlineData("""{"key":"x","cost":99999999999}""", "/cost")]
    [InlineData("""{"key":"x","scopes":"a:b AND"}""", "/scopes")]
    [InlineData("""{"key":"x","scopes":["a:b","nonsense"]}""", "/scopes/1")]
    [InlineData("""{"key":"x","resource":"a\u0000b"}""", "/resource")]
    public async Task A_call_that_makes_no_sense_is_refused(string body, string pointer) =>
        (await _client.ValidateAsync(JsonNode.Parse(body)!)).IsProblem(422, "validation_failed").Pointers.ShouldBe(pointer);

    [Theory]
    [InlineData("""{"key":"x","cost":1.5}""")]
    [InlineData("""{"key":"x","cost":99999999999999999999}""")]
    [InlineData("""{"key":"x","scopes":{}}""")]
    [InlineData("""{"key":"x","scopes":["a:b",{}]}""")]
    [InlineData("""{"key":7}""")]
    [InlineData("""{"key":"\udead"}""")]
    [InlineData("""{"key":"x","scopes":["\udead"]}""")]
    [InlineData("""{"key":"x","quota":1}""")]
    public async Task A_call_of_the_wrong_kinds_is_malformed(string body) => (await _client.RawAsync(Client.Keys + "/validate", body)).IsProblem(400, "malformed_json");

    [Fact]
    public async Task Validating_needs_its_scope_and_a_role_and_a_loop_of_refusals_is_written_once()
    {
        var narrow = await _portal.KeyAsync(_cast.Alice, with: k => k with { Scopes = ["triggers:read"] });
        for (var i = 0; i < 5; i++)
        {
            (await _client.With(narrow.Plaintext.Expose()).ValidateAsync("x")).IsProblem(403, "not_allowed");
        }

        (await _portal.AuditAsync(_cast.Alice, "permission.refused")).ShouldHaveSingleItem().Details["act"]!.GetValue<string>().ShouldBe("validate_keys");
    }

    [Fact]
    public async Task A_key_is_read_anew_when_the_caller_asks_for_it()
    {
        var key = await _portal.KeyAsync(_cast.Alice);
        var request = new HttpRequestMessage(HttpMethod.Post, Client.Keys + "/validate")
        {
            Headers = { { "X-API-Key", _client.Key }, { "Cache-Control", "no-cache" } },
            Content = new StringContent($$"""{"key":"{{key.Plaintext.Expose()}}"}""", System.Text.Encoding.UTF8, "application/json"),
        };
        (await _client.SendAsync(request)).Text("code").ShouldBe("valid");
    }
}
