using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

/// <summary>Rate limits, quotas and the tier of a key, over the API.</summary>
public sealed class KeyLimitsApiTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    private const string Limited = """
        {"name":"Limited","rate_limits":[{"name":"burst","algorithm":"token_bucket","limit":100,"window_seconds":60,"warn_at_percent":80},{"name":"steady","algorithm":"sliding_window","limit":1000000000,"window_seconds":2678400}],
         "quotas":[{"period":"day","limit":1},{"period":"month","limit":20000,"mode":"soft","warn_at_percent":100}],"tier":"standard"}
        """;

    private const string RateLimits =
        """[{"name":"burst","algorithm":"token_bucket","limit":100,"window_seconds":60,"warn_at_percent":80},{"name":"steady","algorithm":"sliding_window","limit":1000000000,"window_seconds":2678400,"warn_at_percent":null}]""";

    private const string Quotas = """[{"period":"day","limit":1,"mode":"hard","warn_at_percent":null},{"period":"month","limit":20000,"mode":"soft","warn_at_percent":100}]""";

    private static string Path(Answer key) => $"{Client.Keys}/{key.Text("id")}";

    private static void HoldsLimits(Answer key, string rateLimits, string quotas, string? tier) =>
        (key["rate_limits"].ToJsonString(), key["quotas"].ToJsonString(), key.Json!["tier"]?.GetValue<string>()).ShouldBe((rateLimits, quotas, tier));

    private Task<Client> ClientAsync() => Client.OfAsync(shared.Portal, shared.Cast.Olaf);

    [Fact]
    public async Task A_key_is_made_with_limits_and_shows_them()
    {
        var client = await ClientAsync();

        var created = (await client.CreateAsync(JsonNode.Parse(Limited)!)).Is(HttpStatusCode.Created);

        HoldsLimits(created, RateLimits, Quotas, "standard");
        HoldsLimits((await client.GetAsync(Path(created))).Is(HttpStatusCode.OK), RateLimits, Quotas, "standard");
        HoldsLimits((await client.CreateAsync(JsonNode.Parse("""{"name":"Plain"}""")!)).Is(HttpStatusCode.Created), "[]", "[]", null);
    }

    [Fact]
    public async Task Patch_leaves_what_it_does_not_name_and_put_clears_it()
    {
        var client = await ClientAsync();
        var created = (await client.CreateAsync(JsonNode.Parse(Limited)!)).Is(HttpStatusCode.Created);

        HoldsLimits((await client.PatchAsync(Path(created), JsonNode.Parse("""{"name":"Renamed"}""")!)).Is(HttpStatusCode.OK), RateLimits, Quotas, "standard");
        HoldsLimits((await client.PatchAsync(Path(created), JsonNode.Parse("""{"rate_limits":[]}""")!)).Is(HttpStatusCode.OK), "[]", Quotas, "standard");
        HoldsLimits((await client.PatchAsync(Path(created), JsonNode.Parse("""{"quotas":[],"tier":"free"}""")!)).Is(HttpStatusCode.OK), "[]", "[]", "free");
        HoldsLimits((await client.PatchAsync(Path(created), JsonNode.Parse("""{"tier":null}""")!)).Is(HttpStatusCode.OK), "[]", "[]", null);
        HoldsLimits((await client.PutAsync(Path(created), JsonNode.Parse(Limited)!)).Is(HttpStatusCode.OK), RateLimits, Quotas, "standard");
        HoldsLimits((await client.PutAsync(Path(created), JsonNode.Parse("""{"name":"Bare"}""")!)).Is(HttpStatusCode.OK), "[]", "[]", null);

        var entry = (await shared.Portal.AuditAsync(shared.Cast.Olaf, "key.updated"))[0].Details;
        entry["before"]!["rate_limits"]!.ToJsonString().ShouldBe(Canonical(RateLimits));
        (entry["before"]!["tier"]!.GetValue<string>(), entry["after"]!["tier"], entry["after"]!["quotas"]!.ToJsonString()).ShouldBe(("standard", null, "[]"));
    }

    [Theory]
    [InlineData("""{"rate_limits":null}""", "/rate_limits")]
    [InlineData("""{"quotas":null}""", "/quotas")]
    [InlineData("""{"rate_limits":[null]}""", "/rate_limits/0")]
    [InlineData("""{"quotas":[null]}""", "/quotas/0")]
    [InlineData("""{"rate_limits":[{}]}""", "/rate_limits/0/name /rate_limits/0/algorithm /rate_limits/0/limit /rate_limits/0/window_seconds")]
    [InlineData("""{"quotas":[{}]}""", "/quotas/0/period /quotas/0/limit")]
    [InlineData("""{"rate_limits":[{"name":"quota-day","algorithm":"leaky","limit":0,"window_seconds":2678401,"warn_at_percent":0}]}""",
        "/rate_limits/0/name /rate_limits/0/algorithm /rate_limits/0/limit /rate_limits/0/window_seconds /rate_limits/0/warn_at_percent")]
    [InlineData("""{"rate_limits":[{"name":"a","algorithm":"fixed_window","limit":1000000001,"window_seconds":0,"warn_at_percent":101}]}""", "/rate_limits/0/limit /rate_limits/0/window_seconds /rate_limits/0/warn_at_percent")]
    [InlineData("""{"rate_limits":[{"name":"a","algorithm":"fixed_window","limit":-9223372036854775808,"window_seconds":9223372036854775807}]}""", "/rate_limits/0/limit /rate_limits/0/window_seconds")]
    [InlineData("""{"rate_limits":[{"name":"a","algorithm":"fixed_window","limit":1,"window_seconds":1},{"name":"a","algorithm":"token_bucket","limit":1,"window_seconds":1}]}""", "/rate_limits/1/name")]
    [InlineData("""{"rate_limits":[{},{},{},{},{},{}]}""", "/rate_limits")]
    [InlineData("""{"quotas":[{"period":"week","limit":0,"mode":"gentle","warn_at_percent":-1}]}""", "/quotas/0/period /quotas/0/limit /quotas/0/mode /quotas/0/warn_at_percent")]
    [InlineData("""{"quotas":[{"period":"day","limit":1},{"period":"day","limit":2}]}""", "/quotas/1/period")]
    [InlineData("""{"quotas":[{},{},{}]}""", "/quotas")]
    [InlineData("""{"tier":"gold"}""", "/tier")]
    [InlineData("""{"tier":""}""", "/tier")]
    public async Task What_a_limit_cannot_be_is_pointed_at_in_a_new_key_a_change_and_a_replacement(string body, string pointers)
    {
        var client = await ClientAsync();
        var sent = JsonNode.Parse(body)!;
        sent["name"] = "Limited";
        var key = (await client.CreateAsync(JsonNode.Parse(Limited)!)).Is(HttpStatusCode.Created);

        (await client.CreateAsync(sent.DeepClone())).IsProblem(422, "validation_failed").Pointers.ShouldBe(pointers);
        (await client.PatchAsync(Path(key), sent.DeepClone())).IsProblem(422, "validation_failed").Pointers.ShouldBe(pointers);
        (await client.PutAsync(Path(key), sent)).IsProblem(422, "validation_failed").Pointers.ShouldBe(pointers);

        HoldsLimits(await client.GetAsync(Path(key)), RateLimits, Quotas, "standard");
    }

    [Theory]
    [InlineData("""{"rate_limits":{}}""")]
    [InlineData("""{"rate_limits":["burst"]}""")]
    [InlineData("""{"rate_limits":[{"name":1}]}""")]
    [InlineData("""{"rate_limits":[{"limit":"100"}]}""")]
    [InlineData("""{"rate_limits":[{"limit":1.5}]}""")]
    [InlineData("""{"rate_limits":[{"limit":1e30}]}""")]
    [InlineData("""{"rate_limits":[{"window":60}]}""")]
    [InlineData("""{"rate_limits":[{"name":"a","name":"b"}]}""")]
    [InlineData("""{"quotas":7}""")]
    [InlineData("""{"quotas":[{"limit":true}]}""")]
    [InlineData("""{"quotas":[{"surprise":1}]}""")]
    [InlineData("""{"tier":7}""")]
    [InlineData("""{"tier":["free"]}""")]
    public async Task A_value_of_the_wrong_kind_and_an_unknown_field_are_refused(string body)
    {
        var sent = JsonNode.Parse(body)!;
        sent["name"] = "Limited";
        (await (await ClientAsync()).CreateAsync(sent)).IsProblem(400, "malformed_json");
    }

    [Fact]
    public async Task An_imported_key_brings_its_limits()
    {
        var client = await ClientAsync();
        var item = JsonNode.Parse(Limited)!;
        item["hash"] = JsonNode.Parse($$"""{"algorithm":"sha256","value":"{{new string('c', 64)}}"}""");

        var id = (await ImportAsync(client, item))["id"]!.GetValue<string>();

        HoldsLimits((await client.GetAsync($"{Client.Keys}/{id}")).Is(HttpStatusCode.OK), RateLimits, Quotas, "standard");
    }

    [Theory]
    [InlineData("""{"rate_limits":{}}""", "/rate_limits")]
    [InlineData("""{"rate_limits":[7]}""", "/rate_limits/0")]
    [InlineData("""{"rate_limits":[null]}""", "/rate_limits/0")]
    [InlineData("""{"rate_limits":[{"name":"a","algorithm":"fixed_window","limit":"100","window_seconds":1}]}""", "/rate_limits/0/limit")]
    [InlineData("""{"rate_limits":[{"name":"a","algorithm":"fixed_window","limit":1,"window_seconds":1.5}]}""", "/rate_limits/0/window_seconds")]
    [InlineData("""{"rate_limits":[{"name":"a","algorithm":"fixed_window","limit":1,"window_seconds":1,"surprise":1}]}""", "/rate_limits/0/surprise")]
    [InlineData("""{"rate_limits":[{"name":"a","algorithm":"fixed_window","limit":0,"window_seconds":1}]}""", "/rate_limits/0/limit")]
    [InlineData("""{"rate_limits":[{},{},{},{},{},{}]}""", "/rate_limits")]
    [InlineData("""{"quotas":"day"}""", "/quotas")]
    [InlineData("""{"quotas":[{"period":"day","limit":1,"mode":1}]}""", "/quotas/0/mode")]
    [InlineData("""{"quotas":[{"period":"day","limit":1,"window_seconds":1}]}""", "/quotas/0/window_seconds")]
    [InlineData("""{"quotas":[{},{},{}]}""", "/quotas")]
    [InlineData("""{"tier":7}""", "/tier")]
    [InlineData("""{"tier":"gold"}""", "/tier")]
    public async Task A_wrong_limit_is_its_items_fault(string body, string pointer)
    {
        var item = JsonNode.Parse(body)!;
        (item["name"], item["hash"]) = ("Limited", JsonNode.Parse($$"""{"algorithm":"sha256","value":"{{new string('d', 64)}}"}"""));

        var errors = (await ImportAsync(await ClientAsync(), item))["errors"]!.AsArray().Select(e => e!["pointer"]!.GetValue<string>()).ToList();

        errors.ShouldContain("/keys/0" + pointer);
        errors.ShouldAllBe(e => e.StartsWith("/keys/0" + pointer, StringComparison.Ordinal));
    }

    private static async Task<JsonNode> ImportAsync(Client client, JsonNode item) =>
        (await client.PostAsync(Client.Keys + "/import", new JsonObject { ["keys"] = new JsonArray(item) })).Is(HttpStatusCode.OK)["data"].AsArray().ShouldHaveSingleItem()!;

    /// <summary>The same with the fields in the order of the audit log's canonical JSON.</summary>
    private static string Canonical(string limits) => new JsonArray([.. JsonNode.Parse(limits)!.AsArray().Select(limit =>
        (JsonNode)new JsonObject(limit!.AsObject().OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone()))))]).ToJsonString();
}
