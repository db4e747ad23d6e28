using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

/// <summary>What a request may look like before it means anything.</summary>
public sealed class ProtocolTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;
    private Client _client = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _client = await Client.OfAsync(_portal, _cast.Alice);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Theory]
    [InlineData("""{"name":"x" """)]
    [InlineData("""{"name":"x"} {}""")]
    [InlineData("""{"name":"x"}x""")]
    [InlineData("""{"name":"x","nickname":"y"}""")]
    [InlineData("""{"name":"x","name":"y"}""")]
    [InlineData("""{"name":"x","metadata":{"a":"1","a":"2"}}""")]
    [InlineData("""{"name":7}""")]
    [InlineData("""{"name":"x","scopes":"a:b"}""")]
    [InlineData("""{"name":"x","scopes":null}""")]
    [InlineData("""{"name":"x","metadata":{"a":1}}""")]
    [InlineData("""{"name":"x","rate_limits":[{"limit":"many"}]}""")]
    [InlineData("""{"name":"x","agent_id":null}""")]
    [InlineData("""{"name":"x","key_type":"secret"}""")]
    [InlineData("""["name"]""")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("""{"name":"x",}""")]
    [InlineData("""{/* */"name":"x"}""")]
    [InlineData("{\"name\":\"a\u0001b\"}")]
    [InlineData("""{"name":"\ud800"}""")]
    [InlineData("""{"\ud800":"x"}""")]
    [InlineData("""{"name":"x","metadata":{"\udc00":"x"}}""")]
    [InlineData("""{"name":"x","tags":["\ud83d"]}""")]
    public async Task Broken_JSON_is_refused_without_naming_our_types(string body)
    {
        var answer = (await _client.RawAsync(Client.Keys, body)).IsProblem(400, "malformed_json");

        answer.Json!.ToJsonString().ShouldNotContain("KeyBody");
        answer.Json.ToJsonString().ShouldNotContain("System.");
        answer.Json.ToJsonString().ShouldNotContain(".NET");
    }

    [Theory]
    [InlineData("""{"name":"x","nickname":"y"}""", "Unknown field at $.nickname.")]
    [InlineData("""{"name":"x","name":"y"}""", "A field is given twice at $.name.")]
    [InlineData("""{"name":"x","scopes":["a:b",7]}""", "A value of the wrong kind at $.scopes[1].")]
    public async Task A_refusal_says_where_the_JSON_is_wrong(string body, string detail) =>
        (await _client.RawAsync(Client.Keys, body)).Text("detail").ShouldBe(detail);

    [Fact]
    public async Task Nested_without_end_is_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"metadata\":", 5000)) + "1" + new string('}', 5000);
        (await _client.RawAsync(Client.Keys, deep)).IsProblem(400, "malformed_json");
        (await _client.RawAsync(Client.Keys + "/validate", """{"key":"x","scopes":""" + new string('[', 5000))).IsProblem(400, "malformed_json");
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF8_are_refused()
    {
        foreach (var path in (string[])[Client.Keys, Client.Keys + "/validate"])
        {
            var content = new ByteArrayContent([.. "{\"name\":\""u8, 0xC3, 0x28, .. "\"}"u8]);
            content.Headers.ContentType = new("application/json");
            (await _client.SendAsync(HttpMethod.Post, path, content)).IsProblem(400, "malformed_json");
        }
    }

    [Fact]
    public async Task A_body_has_its_limit()
    {
        string Body(int size) => $$"""{"name":"x","description":"{{new string('a', size)}}"}""";
        (await _client.RawAsync(Client.Keys, Body(257 * 1024))).IsProblem(413, "body_too_large");
        (await _client.RawAsync(Client.Keys, Body(200 * 1024))).IsProblem(422, "validation_failed");
        (await _client.RawAsync(Client.Keys + "/validate", $$"""{"key":"{{new string('a', 65 * 1024)}}"}""")).IsProblem(413, "body_too_large");
    }

    [Fact]
    public async Task Only_JSON_is_understood()
    {
        (await _client.RawAsync(Client.Keys, "name=x", "application/x-www-form-urlencoded")).IsProblem(415, "unsupported_media_type");
        (await _client.PostAsync(Client.Keys)).IsProblem(415, "unsupported_media_type");
        (await _client.RawAsync(Client.Keys + "/key_x/revoke", "{}", "text/plain")).IsProblem(415, "unsupported_media_type");
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing", 404, null)]
    [InlineData("GET", "/api", 404, null)]
    [InlineData("GET", "/api_keys/a/b/c", 404, null)]
    [InlineData("DELETE", "/api/v1/api-keys", 405, "GET, HEAD, POST")]
    [InlineData("GET", "/api/v1/api-keys/validate", 405, "POST")]
    [InlineData("GET", "/api/v1/api-keys/key_x/revoke", 405, "POST")]
    [InlineData("DELETE", "/api_keys/key_x/enable", 405, "POST")]
    [InlineData("HEAD", "/api_keys/validate", 405, "POST")]
    [InlineData("POST", "/api/v1/auth/key", 405, "GET, HEAD")]
    public async Task An_unknown_route_is_404_and_a_wrong_method_405(string method, string path, int status, string? allow)
    {
        var answer = (await _client.SendAsync(new HttpMethod(method), path, (JsonNode?)null)).IsProblem(status, status == 404 ? "not_found" : "method_not_allowed");
        string.Join(", ", answer.Message.Content.Headers.Allow.Order()).ShouldBe(allow ?? "");
    }

    [Fact]
    public async Task HEAD_is_answered_where_GET_is() =>
        (await _client.SendAsync(HttpMethod.Head, Client.Keys, (JsonNode?)null)).Is(HttpStatusCode.OK);

    [Fact]
    public async Task Without_a_good_credential_there_is_no_answer()
    {
        foreach (var credential in (string?[])[null, "nonsense", "sk_test_0123456789ABCDEFGHIJKLMNOP4PdKB4"])
        {
            foreach (var path in (string[])[Client.Keys, "/api/v1/auth/key", Client.Keys + "/key_x", "/api_keys"])
            {
                (await _client.With(credential).GetAsync(path)).IsProblem(401, "unauthenticated").Message.Headers.WwwAuthenticate.ToString().ShouldStartWith("Bearer");
            }
        }

        var publishable = await _portal.KeyAsync(_cast.Alice, type: KeyPortal.Keys.KeyType.Publishable);
        (await _client.With(publishable.Plaintext.Expose()).GetAsync(Client.Keys)).IsProblem(401, "unauthenticated");
    }

    [Fact]
    public async Task Two_different_credentials_are_refused_and_two_equal_ones_are_not()
    {
        HttpRequestMessage Request(string bearer) => new(HttpMethod.Get, Client.Keys)
        {
            Headers = { { "X-API-Key", _client.Key }, { "Authorization", "Bearer " + bearer } },
        };
        (await _client.SendAsync(Request(_client.Key))).Is(HttpStatusCode.OK);
        (await _client.SendAsync(Request("sk_test_0123456789ABCDEFGHIJKLMNOP4PdKB4"))).IsProblem(400, "ambiguous_credential");
    }

    [Fact]
    public async Task Naming_another_organization_finds_nothing()
    {
        (await _client.GetAsync($"{Client.Keys}?organization_id={_cast.AcmeId}")).Is(HttpStatusCode.OK);
        (await _client.GetAsync($"{Client.Keys}?organization_id={_cast.UmbraId}")).IsProblem(404, "not_found");
        (await _client.GetAsync($"/api/v1/auth/key?organization_id={_cast.UmbraId}")).IsProblem(404, "not_found");
        (await _client.CreateAsync(new JsonObject { ["name"] = "x", ["organization_id"] = _cast.UmbraId })).IsProblem(404, "not_found");
        (await _client.CreateAsync(new JsonObject { ["name"] = "x", ["organization_id"] = _cast.AcmeId })).Is(HttpStatusCode.Created);
        (await _client.PostAsync($"{Client.Keys}/validate?organization_id={_cast.UmbraId}", new JsonObject { ["key"] = "x" })).IsProblem(404, "not_found");
    }

    [Theory]
    [InlineData("""{"expires_in":"30d","expires_at":"2027-01-01T00:00:00Z"}""", "/expires_at")]
    [InlineData("""{"expires_in":"2w"}""", "/expires_in")]
    [InlineData("""{"expires_at":"2027-01-01"}""", "/expires_at")]
    [InlineData("""{"expires_at":"2027-01-01T00:00:00"}""", "/expires_at")]
    [InlineData("""{"expires_at":"2027-02-30T00:00:00Z"}""", "/expires_at")]
    [InlineData("""{"expires_at":"1969-12-31T23:59:59Z"}""", "/expires_at")]
    [InlineData("""{"expires_at":"1970-01-01T00:00:00+00:01"}""", "/expires_at")]
    [InlineData("""{"expires_at":"9999-12-31T23:59:59-00:01"}""", "/expires_at")]
    [InlineData("""{"expires_at":"2027-01-01T00:00:00+25:00"}""", "/expires_at")]
    [InlineData("""{"not_before":"0000-00-00T00:00:00Z"}""", "/not_before")]
    [InlineData("""{"expires_at":"2020-01-01T00:00:00Z"}""", "/expires_at")]
    [InlineData("""{"type":"agent"}""", "/type")]
    [InlineData("""{"environment":"Live"}""", "/environment")]
    [InlineData("""{"scopes":["triggers:read",null]}""", "/scopes/1")]
    [InlineData("""{"tags":[null]}""", "/tags/0")]
    [InlineData("""{"metadata":{"a/b":null}}""", "/metadata/a~1b")]
    [InlineData("""{"allowed_ips":["10.0.0.1/8"],"allowed_origins":["https://a.example"]}""", "/allowed_ips/0 /allowed_origins")]
    public async Task A_value_that_breaks_a_rule_is_named(string fields, string pointers)
    {
        var body = JsonNode.Parse(fields)!.AsObject();
        body["name"] = "x";
        (await _client.CreateAsync(body)).IsProblem(422, "validation_failed").Pointers.ShouldBe(pointers);
        (await _client.CreateAsync(JsonNode.Parse(fields)!)).IsProblem(422, "validation_failed");
    }

    [Theory]
    [InlineData("2027-01-31T09:00:00Z", "2027-01-31T09:00:00Z")]
    [InlineData("2027-01-31t09:00:00z", "2027-01-31T09:00:00Z")]
    [InlineData("2027-01-31T09:00:00.123456789+05:30", "2027-01-31T03:30:00.123Z")]
    [InlineData("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z")]
    public async Task An_instant_is_kept_in_UTC_to_the_millisecond(string sent, string kept) =>
        (await _client.CreateAsync(new JsonObject { ["name"] = "x", ["expires_at"] = sent })).Is(HttpStatusCode.Created).Text("expires_at").ShouldBe(kept);

    [Fact]
    public async Task Every_answer_carries_its_request_id_pages_too()
    {
        using var http = _portal.CreateClient();
        foreach (var path in (string[])["/sign-in", "/no-such-page", "/api/v1/api-keys", "/"])
        {
            var answer = await http.GetAsync(path);
            answer.Headers.GetValues("X-Request-Id").Single().ShouldStartWith("req_");
            answer.Headers.GetValues("X-Content-Type-Options").Single().ShouldBe("nosniff");
        }
    }

    [Fact]
    public async Task A_cookie_is_no_credential()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Client.Keys) { Headers = { { "Cookie", "keyportal=anything" } } };
        (await _client.SendAsync(request)).IsProblem(401, "unauthenticated").Message.Headers.Contains("Set-Cookie").ShouldBeFalse();
    }

    [Fact]
    public async Task A_database_that_is_gone_is_a_503()
    {
        await using var portal = new Portal();
        var client = await Client.OfAsync(portal, (await Cast.EnterAsync(portal)).Alice);
        (await client.GetAsync(Client.Keys)).Is(HttpStatusCode.OK);
        var file = Path.Combine(portal.DataDirectory, "keyportal.db");
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        File.Move(file, file + ".away");
        Directory.CreateDirectory(file);
        try
        {
            (await client.GetAsync(Client.Keys)).IsProblem(503, "storage_unavailable").Message.Headers.RetryAfter.ShouldNotBeNull();
            (await client.CreateAsync(new JsonObject { ["name"] = "x" })).IsProblem(503, "storage_unavailable");
        }
        finally
        {
            Directory.Delete(file);
        }
    }

    [Fact]
    public async Task Quotes_and_brackets_stay_readable()
    {
        var created = await _client.CreateAsync(new JsonObject { ["name"] = "<b>\"Ä' &" });
        (await created.Message.Content.ReadAsStringAsync()).ShouldContain("<b>\\\"Ä' &");
        created.Message.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        Encoding.UTF8.GetByteCount(created.Text("name")).ShouldBe(9);
    }
}
