using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;
using static KeyPortal.Tests.Support.LimitsGiven;

namespace KeyPortal.Tests.Description;

/// <summary>The limit headers as a parser of structured fields reads them that knows nothing of KeyPortal.</summary>
public sealed class StructuredFieldTests : IAsyncLifetime
{
    private static readonly string[] Fields = ["RateLimit-Policy", "RateLimit", "X-RateLimit-Warning"];
    private readonly Portal _portal = new(("KeyPortal:Api:RequestsPerMinute", "600"));
    private string _folder = null!;
    private Cast _cast = null!;
    private Client _client = null!;

    public async ValueTask InitializeAsync()
    {
        _folder = await Judges.GatherAsync();
        _cast = await Cast.EnterAsync(_portal);
        _client = await Client.OfAsync(_portal, _cast.Alice);
    }

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Every_place_that_tells_limits_tells_them_in_structured_fields()
    {
        var key = (await _portal.LimitedKeyAsync(_cast.Alice, [Bucket(100, 60), Window(5, 1, warn: 40)], [Daily(1000), Monthly(3, "soft")])).Plaintext.Expose();
        var valid = (await _client.ValidateAsync(new JsonObject { ["key"] = key, ["cost"] = 2 })).Is(HttpStatusCode.OK);
        var gateway = await ThroughGatewayAsync(key);
        var refused = await _client.ValidateAsync(new JsonObject { ["key"] = key, ["cost"] = 3 });
        var management = (await _client.GetAsync(Client.Keys)).Is(HttpStatusCode.OK);

        var read = await ReadAsync(OfBody(valid), OfHeaders(gateway), OfBody(refused), OfHeaders(management));

        const string policy = """{"burst":{"q":100,"w":60},"window":{"q":5,"w":1},"quota-day":{"q":1000,"w":86400}}""";
        read[0].ShouldBe($$$$"""{"RateLimit-Policy":{{{{policy}}}},"RateLimit":{"burst":{"r":98,"t":1},"window":{"r":3,"t":1},"quota-day":{"r":998,"t":54000}},"X-RateLimit-Warning":{"window":{"used":2,"limit":5}}}""");
        read[1].ShouldBe($$$$"""{"RateLimit-Policy":{{{{policy}}}},"RateLimit":{"burst":{"r":97,"t":1},"window":{"r":2,"t":1},"quota-day":{"r":997,"t":54000}},"X-RateLimit-Warning":{"window":{"used":3,"limit":5},"quota-month":{"used":3,"limit":3}}}""");
        read[2].ShouldStartWith($$"""{"RateLimit-Policy":{{policy}},"RateLimit":{"burst":{"r":97,"t":1},"window":{"r":2,"t":1}""", customMessage: refused.Json!.ToJsonString());
        read[3].ShouldBe("""{"RateLimit-Policy":{"keyportal.api":{"q":600,"w":60}},"RateLimit":{"keyportal.api":{"r":599,"t":1}}}""");
    }

    [Fact]
    public async Task The_longest_names_the_greatest_numbers_and_the_most_limits_are_read_back()
    {
        var longest = "a" + new string('-', 15) + new string('_', 15) + "9";
        RateLimitInput[] rates = [Bucket(LimitRules.MaxLimit, LimitRules.MaxWindowSeconds, 1, longest), Window(1, 1, 1, "0"), Sliding(1_000_000_000, 2_678_400, 1, "0-0"), Bucket(1, LimitRules.MaxWindowSeconds, 1, "w"), Bucket(7, 3, 1, "true")];
        var key = (await _portal.LimitedKeyAsync(_cast.Alice, rates, [Daily(LimitRules.MaxLimit, warn: 1), Monthly(1, "soft")])).Plaintext.Expose();

        var first = (await _client.ValidateAsync(key)).Is(HttpStatusCode.OK);
        var never = (await _client.ValidateAsync(new JsonObject { ["key"] = key, ["cost"] = LimitRules.MaxLimit })).Is(HttpStatusCode.OK);
        var read = await ReadAsync(OfBody(first), OfBody(never));

        var policy = JsonNode.Parse(read[0])!["RateLimit-Policy"]!.AsObject();
        policy.Select(p => p.Key).ShouldBe(["0", "" + longest, "0-0", "w", "true", "quota-day"], ignoreOrder: true);
        policy[longest]!.ToJsonString().ShouldBe("""{"q":1000000000,"w":2678400}""");
        JsonNode.Parse(read[0])!["RateLimit"]!["w"]!.ToJsonString().ShouldBe("""{"r":0,"t":2678400}""");
        JsonNode.Parse(read[1])!["RateLimit"]!.AsObject().Count.ShouldBe(6);
    }

    [Fact]
    public async Task A_soft_quota_that_was_passed_a_milliard_times_over_stays_a_number_of_structured_fields()
    {
        var key = (await _portal.LimitedKeyAsync(_cast.Alice, [], [Daily(1, "soft")])).Plaintext.Expose();
        var asked = new JsonArray([.. Enumerable.Range(0, 100).Select(_ => new JsonObject { ["key"] = key, ["cost"] = LimitRules.MaxLimit })]);
        var last = (await _client.PostAsync(Client.Keys + "/validate/batch", new JsonObject { ["requests"] = asked })).Is(HttpStatusCode.OK)["data"][99]!;

        var read = await ReadAsync(new JsonObject { ["X-RateLimit-Warning"] = last["headers"]!["X-RateLimit-Warning"]!.GetValue<string>() });

        read[0].ShouldBe("""{"X-RateLimit-Warning":{"quota-day":{"used":100000000000,"limit":1}}}""");
    }

    private async Task<Answer> ThroughGatewayAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/forward-auth");
        request.Headers.Add("X-API-Key", key);
        request.Headers.Add("X-KeyPortal-Gateway", _client.Key);
        return (await _client.SendAsync(request)).Is(HttpStatusCode.NoContent);
    }

    private static JsonObject OfBody(Answer answer) =>
        new(Fields.Where(answer["headers"].AsObject().ContainsKey).Select(name => KeyValuePair.Create(name, answer["headers"][name]?.DeepClone())));

    private static JsonObject OfHeaders(Answer answer) =>
        new(Fields.Where(answer.Message.Headers.Contains).Select(name => KeyValuePair.Create(name, (JsonNode?)string.Join(", ", answer.Message.Headers.GetValues(name)))));

    /// <summary>What the parser makes of each set of fields, a line each.</summary>
    private async Task<string[]> ReadAsync(params JsonObject[] fields)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "fields.json"), new JsonArray([.. fields]).ToJsonString());
        var (exitCode, said) = await Judges.RunAsync(_folder, ["fields.mjs", "fields.json"]);
        exitCode.ShouldBe(0, said);
        return said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
