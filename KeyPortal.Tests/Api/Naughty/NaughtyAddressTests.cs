using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api.Naughty;

/// <summary>Every text of the list in queries, headers and the ids of paths: answered, never with an error of the server's.</summary>
public sealed class NaughtyAddressTests : IAsyncLifetime
{
    private readonly Portal _portal = new(("KeyPortal:Policy:KeysPerMember", "10000"));
    private Cast _cast = null!;
    private Client _client = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _client = await Client.OfAsync(_portal, _cast.Alice);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private static string Query(string path, string text, params string[] names) =>
        $"{path}?{string.Join('&', names.Select(name => $"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(text)}"))}";

    /// <summary>The text as it is, where no line ends in it: a server never gets to see such a header.</summary>
    private Task<Answer> SendAsync(HttpMethod method, string path, string? body, string credential, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation(credential, _client.Key);
        foreach (var (name, value) in headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return _client.SendAsync(request);
    }

    [Fact]
    public async Task Queries_of_the_list()
    {
        string[] parameters = ["status", "environment", "type", "owner_id", "scope", "q", "last_used_before", "expires_before", "sort", "limit"];
        await NaughtyList.SweepAsync(
            ("all", text => _client.GetAsync(Query(Client.Keys, text, parameters))),
            ("search", text => _client.GetAsync(Query(Client.Keys, text, "q", "owner_id"))),
            ("cursor", text => _client.GetAsync(Query(Client.Keys, text, "cursor"))),
            ("organization", text => _client.GetAsync(Query(Client.Keys, text, "organization_id"))),
            ("unknown", text => _client.GetAsync(Query(Client.Keys, text, text))),
            ("raw", text => _client.GetAsync($"{Client.Keys}?{new string([.. text.Where(char.IsAscii).Where(c => !char.IsControl(c) && c != '#')])}")));
    }

    [Fact]
    public async Task A_cursor_made_of_anything()
    {
        await NaughtyList.SweepAsync(
            ("of text", text => _client.GetAsync(Query(Client.Keys, Encoded(System.Text.Json.JsonSerializer.Serialize(new[] { text, text })), "cursor") + "&sort=name")),
            ("of times", text => _client.GetAsync(Query(Client.Keys, Encoded(System.Text.Json.JsonSerializer.Serialize(new[] { text, text })), "cursor"))));
        foreach (var json in (string[])["[\"\\ud800\",\"\\udc00\"]", "[\"\\u0000\",\"\\u0000\"]", "[null,null]", "[\"9223372036854775807\",\"\"]", "[\"-9223372036854775808\",\"x\"]", "[\"99999999999999999999\",\"x\"]", "{}", "[[]]", "[\"1\"]", "null"])
        {
            foreach (var sort in (string[])["name", "created_at", "-expires_at", "last_used_at"])
            {
                NaughtyList.FaultsOf(sort, json, await _client.GetAsync($"{Client.Keys}?sort={sort}&cursor={Encoded(json)}")).ShouldBeEmpty();
            }
        }

        static string Encoded(string json) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(json)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    [Fact]
    public async Task Ids_in_paths()
    {
        string Path(string text, string more = "") => $"{Client.Keys}/{Uri.EscapeDataString(text)}{more}";
        await NaughtyList.SweepAsync(
            ("get", text => _client.GetAsync(Path(text))),
            ("change", text => _client.SendAsync(HttpMethod.Patch, Path(text), new System.Text.Json.Nodes.JsonObject { ["name"] = "x" })),
            ("revoke", text => _client.PostAsync(Path(text, "/revoke"))),
            ("rotate", text => _client.PostAsync(Path(text, "/rotate"))),
            ("enable", text => _client.PostAsync(Path(text, "/enable"))),
            ("decline", text => _client.PostAsync(Path(text, "/decline"))),
            ("unknown", text => _client.GetAsync($"/api/v1/{Uri.EscapeDataString(text)}")));
    }

    [Fact]
    public async Task Headers()
    {
        var key = (await _portal.KeyAsync(_cast.Alice)).Key.Id;
        await NaughtyList.SweepAsync(
            ("If-Match", text => SendAsync(HttpMethod.Patch, $"{Client.Keys}/{key}", """{"name":"Changed"}""", "X-API-Key", ("If-Match", text))),
            ("If-None-Match", text => SendAsync(HttpMethod.Get, $"{Client.Keys}/{key}", null, "X-API-Key", ("If-None-Match", "\"" + text))),
            ("Idempotency-Key", text => SendAsync(HttpMethod.Post, Client.Keys, """{"name":"Once"}""", "X-API-Key", ("Idempotency-Key", text))),
            ("X-API-Key", text => SendAsync(HttpMethod.Get, Client.Keys, null, "X-Nothing", ("X-API-Key", text))),
            ("Authorization", text => SendAsync(HttpMethod.Get, Client.Keys, null, "X-Nothing", ("Authorization", "Bearer " + text))),
            ("scheme", text => SendAsync(HttpMethod.Get, Client.Keys, null, "X-Nothing", ("Authorization", text))),
            ("User-Agent", text => SendAsync(HttpMethod.Post, Client.Keys, """{"name":"Agent"}""", "X-API-Key", ("User-Agent", text), ("Origin", text), ("Cache-Control", text), ("X-Forwarded-For", text))),
            ("Content-Type", text => _client.SendAsync(HttpMethod.Post, Client.Keys, Typed("{}", text))),
            ("charset", text => _client.SendAsync(HttpMethod.Post, "/api/v1/introspect", Typed("token=x", "application/x-www-form-urlencoded; charset=" + text))));

        static HttpContent Typed(string body, string type)
        {
            var content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(body));
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            return content;
        }
    }

    [Fact]
    public async Task A_browsers_name_cut_within_a_character_is_kept()
    {
        var sent = new string('a', 511) + "\U0001F511";
        (await SendAsync(HttpMethod.Post, Client.Keys, """{"name":"Agent"}""", "X-API-Key", ("User-Agent", sent))).Is(System.Net.HttpStatusCode.Created);
        (await _portal.AuditAsync(_cast.Alice, "key.created"))[0].TargetName.ShouldBe("Agent");
    }

    [Fact]
    public async Task What_a_gateway_hands_on()
    {
        var key = await _portal.KeyAsync(_cast.Alice, with: k => k with { AllowedIps = ["10.0.0.0/8"], Resources = ["a"] });
        Task<Answer> Ask(string query, params (string Name, string Value)[] headers) =>
            SendAsync(HttpMethod.Get, "/api/v1/forward-auth" + query, null, "X-KeyPortal-Gateway", [("X-API-Key", key.Plaintext.Expose()), .. headers]);
        await NaughtyList.SweepAsync(
            ("query", text => Ask(Query("", text, "scopes", "resource", "environment"))),
            ("unknown", text => Ask(Query("", text, text))),
            ("resource", text => Ask(Query("", text, "resource"), ("X-Forwarded-For", "10.0.0.1"))),
            ("forwarded", text => Ask("", ("X-Forwarded-For", text), ("X-Forwarded-Uri", text), ("X-Forwarded-Method", text), ("X-Forwarded-Host", text), ("X-Forwarded-Proto", text), ("Origin", text))),
            ("key", text => Ask("", ("X-API-Key", text), ("X-Forwarded-For", "10.0.0.1"))),
            ("bearer", text => Ask("", ("Authorization", "Bearer " + text))),
            ("gateway", text => Ask("", ("X-KeyPortal-Gateway", text))));
    }
}
