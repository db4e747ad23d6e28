using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

public sealed class TiersApiTests : IAsyncLifetime
{
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

    private async Task<JsonObject> CurrentAsync() => (await _client.GetAsync(Tiers)).Is(HttpStatusCode.OK).Json!.AsObject();

    private Task<Answer> PutAsync(string body) => _client.PutAsync(Tiers, JsonNode.Parse(body)!);

    [Fact]
    public async Task They_are_read_and_replaced_as_a_whole_and_a_default_that_is_not_named_stays()
    {
        var tiers = await CurrentAsync();
        tiers.ToJsonString().ShouldBe("""
            {"data":[{"name":"free","description":"To try things out","rate_limits":[{"name":"burst","algorithm":"token_bucket","limit":60,"window_seconds":60,"warn_at_percent":80}],"quotas":[{"period":"day","limit":10000,"mode":"hard","warn_at_percent":80}]},{"name":"standard","description":"For most integrations","rate_limits":[{"name":"burst","algorithm":"token_bucket","limit":600,"window_seconds":60,"warn_at_percent":80}],"quotas":[{"period":"month","limit":1000000,"mode":"hard","warn_at_percent":80}]},{"name":"unlimited","description":"No limits","rate_limits":[],"quotas":[]}],"default_tier":null}
            """.Trim());

        const string Wanted = """
            {"data":[{"name":"gold","description":"For those who pay","rate_limits":[{"name":"burst","algorithm":"fixed_window","limit":5,"window_seconds":10,"warn_at_percent":null}],"quotas":[{"period":"month","limit":7,"mode":"soft","warn_at_percent":50}]},{"name":"bare","description":"","rate_limits":[],"quotas":[]}],"default_tier":"bare"}
            """;
        (await PutAsync(Wanted)).Is(HttpStatusCode.OK).Json!.ToJsonString().ShouldBe(Wanted.Trim());
        (await CurrentAsync()).ToJsonString().ShouldBe(Wanted.Trim());

        (await PutAsync("""{"data":[{"name":"bare"}]}""")).Is(HttpStatusCode.OK).Json!.ToJsonString().ShouldBe("""{"data":[{"name":"bare","description":"","rate_limits":[],"quotas":[]}],"default_tier":"bare"}""");
        (await PutAsync("""{"data":[]}""")).IsProblem(422, "validation_failed").Pointers.ShouldBe("/default_tier");
        (await PutAsync("""{"data":[],"default_tier":null}""")).Is(HttpStatusCode.OK).Json!.ToJsonString().ShouldBe("""{"data":[],"default_tier":null}""");
        (await PutAsync(tiers.ToJsonString())).Is(HttpStatusCode.OK).Json!.ToJsonString().ShouldBe(tiers.ToJsonString());
    }

    [Theory]
    [InlineData("""{}""", "/data")]
    [InlineData("""{"data":null}""", "/data")]
    [InlineData("""{"data":[null]}""", "/data/0")]
    [InlineData("""{"data":[{}]}""", "/data/0/name")]
    [InlineData("""{"data":[{"name":"Free"},{"name":"a"},{"name":"a"}],"default_tier":"b"}""", "/data/0/name /data/2/name /default_tier")]
    [InlineData("""{"data":[{"name":"a","rate_limits":null,"quotas":null}]}""", "/data/0/rate_limits /data/0/quotas")]
    [InlineData("""{"data":[{"name":"a","rate_limits":[null],"quotas":[null]}]}""", "/data/0/rate_limits/0 /data/0/quotas/0")]
    [InlineData("""{"data":[{"name":"a"},{"name":"b","rate_limits":[{"name":"x","algorithm":"fixed_window","limit":0,"window_seconds":1}],"quotas":[{"period":"year","limit":1}]}]}""", "/data/1/rate_limits/0/limit /data/1/quotas/0/period")]
    public async Task Every_broken_rule_is_pointed_at(string body, string pointers)
    {
        var before = await CurrentAsync();

        (await PutAsync(body)).IsProblem(422, "validation_failed").Pointers.ShouldBe(pointers);

        (await CurrentAsync()).ToJsonString().ShouldBe(before.ToJsonString());
    }

    [Theory]
    [InlineData("""{"data":{}}""")]
    [InlineData("""{"data":[7]}""")]
    [InlineData("""{"data":[{"name":7}]}""")]
    [InlineData("""{"data":[{"name":"a","limit":7}]}""")]
    [InlineData("""{"data":[{"name":"a","rate_limits":[{"limit":"7"}]}]}""")]
    [InlineData("""{"data":[],"default_tier":7}""")]
    [InlineData("""{"data":[],"surprise":7}""")]
    [InlineData("""[]""")]
    public async Task A_value_of_the_wrong_kind_and_an_unknown_field_are_refused(string body) => (await PutAsync(body)).IsProblem(400, "malformed_json");

    [Fact]
    public async Task A_tier_that_keys_name_cannot_go()
    {
        (await _client.CreateAsync(JsonNode.Parse("""{"name":"A key","tier":"free"}""")!)).Is(HttpStatusCode.Created);

        var refused = (await PutAsync("""{"data":[{"name":"gold"}]}""")).IsProblem(422, "validation_failed");

        refused["errors"].ToJsonString().ShouldBe("""[{"pointer":"/data","detail":"1 key takes from the tier free. Give it another one first."}]""");
    }

    [Fact]
    public async Task Every_role_reads_them_and_owners_and_admins_change_them()
    {
        var dora = _client.WithToken((await _portal.TokensAsync(_cast.Dora)).AccessToken);
        var olaf = await Client.OfAsync(_portal, _cast.Olaf);

        (await dora.GetAsync(Tiers)).Is(HttpStatusCode.OK);
        (await dora.PutAsync(Tiers, JsonNode.Parse("""{"data":[]}""")!)).IsProblem(403, "not_allowed");
        (await (await Client.OfAsync(_portal, _cast.Andy)).PutAsync(Tiers, JsonNode.Parse("""{"data":[{"name":"acme-only"}]}""")!)).Is(HttpStatusCode.OK);

        (await olaf.GetAsync(Tiers)).Json!.ToJsonString().ShouldNotContain("acme-only");
        (await olaf.CreateAsync(JsonNode.Parse("""{"name":"A key","tier":"acme-only"}""")!)).IsProblem(422, "validation_failed").Pointers.ShouldBe("/tier");
    }
}
