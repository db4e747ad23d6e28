using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

/// <summary>The rule that owners and admins set limits, as programs of a developer meet it.</summary>
public sealed class LimitRuleApiTests : IAsyncLifetime
{
    private const string Limits = """
        "tier":"free","rate_limits":[{"name":"burst","algorithm":"token_bucket","limit":100,"window_seconds":60}],"quotas":[{"period":"day","limit":5}]
        """;

    private readonly Portal _portal = new();
    private Cast _cast = null!;
    private Client _admin = null!;
    private Client _developer = null!;
    private string _key = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _admin = await Client.OfAsync(_portal, _cast.Alice);
        var manager = await _portal.KeyAsync(_cast.Dora, "Management", with: i => i with { Scopes = ["api-keys:manage"] });
        _developer = new Client(_portal.CreateClient(), manager.Plaintext.Expose());
        _key = $"{Client.Keys}/{(await _developer.CreateAsync(JsonNode.Parse($$"""{"name":"Limited",{{Limits}}}""")!)).Is(HttpStatusCode.Created).Text("id")}";
        (await _admin.PutAsync("/api/v1/policy", JsonNode.Parse("""{"limits_by_admins":true}""")!)).Is(HttpStatusCode.OK);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private Task<Answer> PutAsync(Client client, string body) => client.PutAsync(_key, JsonNode.Parse(body)!);

    private static string LimitsOf(Answer answer) => new JsonObject { ["tier"] = answer.Json!["tier"]?.DeepClone(), ["rate_limits"] = answer["rate_limits"].DeepClone(), ["quotas"] = answer["quotas"].DeepClone() }.ToJsonString();

    [Fact]
    public async Task A_new_key_names_no_limits()
    {
        var refused = (await _developer.CreateAsync(JsonNode.Parse($$"""{"name":"Another",{{Limits}}}""")!)).IsProblem(403, "limits_not_grantable");

        refused.Pointers.ShouldBe("/rate_limits /quotas /tier");
        refused.Text("detail").ShouldContain("limits_by_admins");
        (await _developer.CreateAsync(JsonNode.Parse("""{"name":"Another","tier":null,"rate_limits":[],"quotas":[]}""")!)).Is(HttpStatusCode.Created);
        (await _admin.CreateAsync(JsonNode.Parse($$"""{"name":"Another",{{Limits}}}""")!)).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_whole_record_may_repeat_its_limits_or_leave_them_out_and_keeps_them()
    {
        var before = LimitsOf(await _developer.GetAsync(_key));

        LimitsOf((await PutAsync(_developer, $$"""{"name":"Repeated",{{Limits}}}""")).Is(HttpStatusCode.OK)).ShouldBe(before);
        LimitsOf((await PutAsync(_developer, """{"name":"Unnamed"}""")).Is(HttpStatusCode.OK)).ShouldBe(before);
        LimitsOf((await PutAsync(_developer, """{"name":"In part","tier":"free"}""")).Is(HttpStatusCode.OK)).ShouldBe(before);
        LimitsOf((await _developer.PatchAsync(_key, JsonNode.Parse("""{"name":"Patched"}""")!)).Is(HttpStatusCode.OK)).ShouldBe(before);

        LimitsOf((await PutAsync(_admin, """{"name":"Unnamed by an admin"}""")).Is(HttpStatusCode.OK)).ShouldBe("""{"tier":null,"rate_limits":[],"quotas":[]}""");
    }

    [Theory]
    [InlineData("""{"name":"A","tier":"unlimited"}""", "/tier")]
    [InlineData("""{"name":"A","tier":null}""", "/tier")]
    [InlineData("""{"name":"A","rate_limits":[]}""", "/rate_limits")]
    [InlineData("""{"name":"A","quotas":[{"period":"day","limit":4}]}""", "/quotas")]
    public async Task Other_limits_are_refused_by_field_however_they_are_sent(string body, string pointer)
    {
        var before = LimitsOf(await _developer.GetAsync(_key));

        (await PutAsync(_developer, body)).IsProblem(403, "limits_not_grantable").Pointers.ShouldBe(pointer);
        (await _developer.PatchAsync(_key, JsonNode.Parse(body)!)).IsProblem(403, "limits_not_grantable").Pointers.ShouldBe(pointer);

        LimitsOf(await _developer.GetAsync(_key)).ShouldBe(before);
    }
}
