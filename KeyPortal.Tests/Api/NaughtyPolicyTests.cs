using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

/// <summary>Any text in the catalogue, the policy, the tiers and a decision is kept byte for byte, or refused with 400 or 422.</summary>
public sealed class NaughtyPolicyTests : IAsyncLifetime
{
    private const string Policy = "/api/v1/policy";
    private const string Scopes = "/api/v1/scopes";
    private const string Tiers = "/api/v1/tiers";

    private readonly Portal _portal = new();
    private Cast _cast = null!;
    private Client _client = null!;
    private JsonObject _catalogue = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _client = await Client.OfAsync(_portal, _cast.Alice);
        _catalogue = (await _client.GetAsync(Scopes)).Json!.AsObject();
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private JsonObject With(IEnumerable<JsonNode> scopes)
    {
        var wanted = _catalogue.DeepClone().AsObject();
        foreach (var scope in scopes)
        {
            wanted["data"]!.AsArray().Add(scope);
        }

        return wanted;
    }

    [Fact]
    public async Task A_description_comes_back_byte_for_byte()
    {
        var put = With(NaughtyText.Kept.Select((text, i) => new JsonObject { ["name"] = $"naughty-{i}:read", ["description"] = text, ["publishable"] = false, ["read_only"] = true }));
        (await _client.PutAsync(Scopes, put)).Is(HttpStatusCode.OK);

        var read = (await _client.GetAsync(Scopes))["data"].AsArray().ToDictionary(s => s!["name"]!.GetValue<string>(), s => s!["description"]!.GetValue<string>());
        for (var i = 0; i < NaughtyText.Kept.Count; i++)
        {
            read[$"naughty-{i}:read"].ShouldBe(NaughtyText.Kept[i]);
        }
    }

    [Fact]
    public async Task A_tiers_description_comes_back_byte_for_byte()
    {
        foreach (var texts in NaughtyText.Kept.Chunk(20))
        {
            var data = new JsonArray([.. texts.Select((text, i) => (JsonNode)new JsonObject { ["name"] = $"naughty-{i}", ["description"] = text })]);
            (await _client.PutAsync(Tiers, new JsonObject { ["data"] = data })).Is(HttpStatusCode.OK);
            (await _client.GetAsync(Tiers))["data"].AsArray().Select(tier => tier!["description"]!.GetValue<string>()).ShouldBe(texts);
        }
    }

    [Fact]
    public async Task A_name_or_a_choice_that_is_none_is_pointed_at()
    {
        var named = (await _client.PutAsync(Scopes, With(NaughtyText.Kept.Select(text => new JsonObject { ["name"] = text })))).IsProblem(422, "validation_failed");
        named["errors"].AsArray().Count.ShouldBe(NaughtyText.Kept.Count);

        foreach (var text in NaughtyText.Kept)
        {
            var tier = new JsonObject { ["name"] = "x " + text, ["description"] = text };
            (await _client.PutAsync(Tiers, new JsonObject { ["data"] = new JsonArray(tier), ["default_tier"] = text })).IsProblem(422, "validation_failed").Pointers.ShouldBe("/data/0/name /default_tier");
        }

        var policy = (await _client.GetAsync(Policy)).Json!;
        foreach (var text in NaughtyText.Kept)
        {
            (policy["default_expires_in"], policy["approval_scopes"]) = (text, new JsonArray(text));
            (await _client.PutAsync(Policy, policy)).IsProblem(422, "validation_failed").Pointers.ShouldBe("/default_expires_in /approval_scopes/0");
        }
    }

    [Fact]
    public async Task Unacceptable_text_is_refused_in_every_field_and_nothing_is_done()
    {
        var key = await _portal.PendingKeyAsync(_cast, _cast.Dora);
        var (policy, catalogue) = ((await _client.GetAsync(Policy)).Json!.ToJsonString(), _catalogue.ToJsonString());
        var tiers = (await _client.GetAsync(Tiers)).Json!.ToJsonString();
        foreach (var literal in NaughtyText.RefusedLiterals)
        {
            foreach (var (path, body, method) in new[]
            {
                (Scopes, catalogue.Replace("\"See events and their payloads\"", literal, StringComparison.Ordinal), HttpMethod.Put),
                (Scopes, catalogue.Replace("\"events:read\"", literal, StringComparison.Ordinal), HttpMethod.Put),
                (Tiers, tiers.Replace("\"No limits\"", literal, StringComparison.Ordinal), HttpMethod.Put),
                (Tiers, tiers.Replace("\"free\"", literal, StringComparison.Ordinal), HttpMethod.Put),
                (Tiers, tiers.Replace("\"default_tier\":null", $"\"default_tier\":{literal}", StringComparison.Ordinal), HttpMethod.Put),
                (Policy, policy.Replace("\"90d\"", literal, StringComparison.Ordinal), HttpMethod.Put),
                (Policy, policy.Replace("\"triggers:write\"", literal, StringComparison.Ordinal), HttpMethod.Put),
                ($"{Client.Keys}/{key.Key.Id}/decline", $$"""{"reason":{{literal}}}""", HttpMethod.Post),
            })
            {
                var answer = await _client.RawAsync(path, body, method: method);
                (answer.Status is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity).ShouldBeTrue($"{body}: {answer.Status} {answer.Json?.ToJsonString()}");
            }
        }

        (await _client.GetAsync(Policy)).Json!.ToJsonString().ShouldBe(policy);
        (await _client.GetAsync(Scopes)).Json!.ToJsonString().ShouldBe(catalogue);
        (await _client.GetAsync(Tiers)).Json!.ToJsonString().ShouldBe(tiers);
        (await _client.GetAsync($"{Client.Keys}/{key.Key.Id}")).Text("status").ShouldBe("pending");
    }
}
