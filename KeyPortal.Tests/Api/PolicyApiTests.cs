using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

public sealed class PolicyApiTests : IAsyncLifetime
{
    private const string Policy = "/api/v1/policy";
    private const string Scopes = "/api/v1/scopes";
    private const string Tiers = "/api/v1/tiers";

    private readonly Portal _portal = new();
    private Cast _cast = null!;
    private Client _client = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _client = await Client.OfAsync(_portal, _cast.Alice);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private Task<Answer> PutAsync(string path, JsonNode body, string ifMatch) =>
        _client.SendAsync(new HttpRequestMessage(HttpMethod.Put, path) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"), Headers = { { "If-Match", ifMatch }, { "X-API-Key", _client.Key } } });

    private async Task<JsonObject> CurrentAsync(string path) => (await _client.GetAsync(path)).Is(HttpStatusCode.OK).Json!.AsObject();

    [Fact]
    public async Task The_policy_is_read_and_changed_and_what_is_not_named_stays()
    {
        var policy = await CurrentAsync(Policy);
        policy.ToJsonString().ShouldBe("""
            {"default_expires_in":"90d","max_lifetime_seconds":null,"never_expires_allowed":true,"keys_per_member":10,"default_grace_period_seconds":86400,"rotation_age_seconds":null,"networks_required_for_live":false,"approval_scopes":[],"limits_by_admins":false}
            """.Trim());

        policy["keys_per_member"] = 12;
        policy["approval_scopes"] = new JsonArray("triggers:*");
        (await _client.PutAsync(Policy, policy)).Is(HttpStatusCode.OK).Json!.ToJsonString().ShouldBe(policy.ToJsonString());
        (await CurrentAsync(Policy)).ToJsonString().ShouldBe(policy.ToJsonString());

        policy["networks_required_for_live"] = true;
        (await _client.PutAsync(Policy, JsonNode.Parse("""{"networks_required_for_live":true}""")!)).Is(HttpStatusCode.OK).Json!.ToJsonString().ShouldBe(policy.ToJsonString());
        policy["limits_by_admins"] = true;
        (await _client.PutAsync(Policy, JsonNode.Parse("""{"limits_by_admins":true}""")!)).Is(HttpStatusCode.OK).Json!.ToJsonString().ShouldBe(policy.ToJsonString());
        (await _client.PutAsync(Policy, new JsonObject())).Is(HttpStatusCode.OK).Json!.ToJsonString().ShouldBe(policy.ToJsonString());
        (await _client.PutAsync(Policy, JsonNode.Parse("""{"default_expires_in":7}""")!)).IsProblem(400, "malformed_json");
        (await _client.PutAsync(Policy, JsonNode.Parse("""{"surprise":7}""")!)).IsProblem(400, "malformed_json");
    }

    [Fact]
    public async Task Every_broken_rule_of_a_policy_is_pointed_at()
    {
        var policy = await CurrentAsync(Policy);
        (policy["default_expires_in"], policy["keys_per_member"], policy["approval_scopes"], policy["max_lifetime_seconds"]) = ("1y", 0, new JsonArray("triggers:write", "nonsense", null), 60);

        (await _client.PutAsync(Policy, policy)).IsProblem(422, "validation_failed").Pointers.ShouldBe("/keys_per_member /default_expires_in /approval_scopes/1 /approval_scopes/2");
    }

    [Theory]
    [InlineData(Policy)]
    [InlineData(Scopes)]
    [InlineData(Tiers)]
    public async Task What_somebody_else_has_changed_is_not_overwritten_by_who_names_what_they_read(string path)
    {
        var first = (await _client.GetAsync(path)).Message.Headers.ETag!;
        first.IsWeak.ShouldBeFalse();
        var body = await CurrentAsync(path);
        var changed = body.DeepClone();
        if (path == Policy)
        {
            changed["keys_per_member"] = 11;
        }
        else
        {
            changed["data"]!.AsArray().Add(JsonNode.Parse(path == Scopes ? """{"name":"invoices:read"}""" : """{"name":"gold"}"""));
        }

        var put = (await PutAsync(path, changed, first.ToString())).Is(HttpStatusCode.OK);

        put.Message.Headers.ETag.ShouldNotBe(first);
        (await PutAsync(path, body, first.ToString())).IsProblem(412, "precondition_failed");
        (await PutAsync(path, body, put.Message.Headers.ETag!.ToString())).Is(HttpStatusCode.OK).Message.Headers.ETag.ShouldBe(first);
    }

    [Fact]
    public async Task The_catalogue_is_read_and_replaced_as_a_whole()
    {
        var catalogue = await CurrentAsync(Scopes);
        catalogue["data"]!.AsArray().Count.ShouldBe(10);
        catalogue["data"]!.AsArray().Add(JsonNode.Parse("""{"name":"invoices:read","description":"See invoices","publishable":true,"read_only":true}"""));

        var put = (await _client.PutAsync(Scopes, catalogue)).Is(HttpStatusCode.OK);
        put["data"].AsArray().Select(s => s!["name"]!.GetValue<string>()).ShouldContain("invoices:read");
        (await _client.CreateAsync(JsonNode.Parse("""{"name":"x","scopes":["invoices:read"]}""")!)).Is(HttpStatusCode.Created);

        (await _client.PutAsync(Scopes, new JsonObject { ["data"] = new JsonArray([.. catalogue["data"]!.AsArray().Take(10).Select(s => s!.DeepClone())]) })).IsProblem(409, "scope_in_use");
        (await _client.PutAsync(Scopes, new JsonObject())).IsProblem(422, "validation_failed").Pointers.ShouldBe("/data");
        catalogue["data"]!.AsArray().Add((JsonNode?)null);
        catalogue["data"]!.AsArray().Add(JsonNode.Parse("""{"name":"x:*"}"""));
        (await _client.PutAsync(Scopes, catalogue)).IsProblem(422, "validation_failed").Pointers.ShouldBe("/data/11/name /data/12/name");
    }

    [Fact]
    public async Task A_live_key_waits_until_another_persons_credential_approves_it()
    {
        await _portal.ApprovalAsync(_cast.Alice, "triggers:write");
        var andys = await Client.OfAsync(_portal, _cast.Andy);
        JsonNode Request() => JsonNode.Parse("""{"name":"x","environment":"live","scopes":["triggers:write"]}""")!;
        var created = (await _client.CreateAsync(Request())).Is(HttpStatusCode.Created);
        var path = $"{Client.Keys}/{created.Text("id")}";
        created.Text("status").ShouldBe("pending");
        (await _client.ValidateAsync(created.Text("key"))).Text("code").ShouldBe("not_yet_valid");

        (await _client.PostAsync(path + "/approve")).IsProblem(403, "own_request");
        (await andys.SendAsync(new HttpRequestMessage(HttpMethod.Post, path + "/approve") { Headers = { { "If-Match", "\"another\"" }, { "X-API-Key", andys.Key } } })).IsProblem(412, "precondition_failed");
        (await andys.PostAsync(path + "/approve")).Is(HttpStatusCode.OK).Text("status").ShouldBe("active");

        (await _client.ValidateAsync(created.Text("key"))).Text("code").ShouldBe("valid");
        (await andys.PostAsync(path + "/approve")).IsProblem(409, "not_pending");
        var declined = (await _client.CreateAsync(Request())).Text("id");
        (await andys.PostAsync($"{Client.Keys}/{declined}/decline", JsonNode.Parse($$"""{"reason":"{{new string('x', 501)}}"}"""))).IsProblem(422, "validation_failed").Pointers.ShouldBe("/reason");
        (await andys.PostAsync($"{Client.Keys}/{declined}/decline", JsonNode.Parse("""{"reason":"Too much"}"""))).Is(HttpStatusCode.OK).Text("revocation_reason").ShouldBe("privilege_withdrawn");
        (await _client.PatchAsync(path, JsonNode.Parse("""{"scopes":["triggers:*"]}""")!)).IsProblem(409, "approval_required");
    }
}
