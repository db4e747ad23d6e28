using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Keys;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;

namespace KeyPortal.Tests.Api;

/// <summary>Many decisions in one call.</summary>
public sealed class BatchTests : IAsyncLifetime
{
    private const string Path = Client.Keys + "/validate/batch";
    private readonly Portal _portal = new();
    private Cast _cast = null!;
    private Client _client = null!;
    private IssuedKey _good = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _client = await Client.OfAsync(_portal, _cast.Alice);
        _good = await _portal.KeyAsync(_cast.Alice, with: k => k with { Scopes = ["triggers:read"] });
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private static JsonObject Of(params JsonNode[] requests) => new() { ["requests"] = new JsonArray(requests) };

    private static JsonObject Ask(string key, string? scope = null) => scope is null ? new() { ["key"] = key } : new() { ["key"] = key, ["scopes"] = new JsonArray(scope) };

    [Fact]
    public async Task Each_is_answered_as_if_it_were_asked_alone_and_in_order()
    {
        var theirs = await _portal.KeyAsync(_cast.Olaf);
        JsonObject[] asked = [Ask(_good.Plaintext.Expose(), "triggers:read"), Ask("nonsense"), Ask(theirs.Plaintext.Expose()), Ask(_good.Plaintext.Expose(), "triggers:write")];

        var data = (await _client.PostAsync(Path, Of([.. asked.Select(a => a.DeepClone())]))).Is(HttpStatusCode.OK)["data"].AsArray();

        data.Select(d => d!["code"]!.GetValue<string>()).ShouldBe(["valid", "malformed", "not_found", "insufficient_scope"]);
        for (var i = 0; i < asked.Length; i++)
        {
            var alone = (await _client.ValidateAsync(asked[i])).Json!.AsObject();
            var inBatch = data[i]!.DeepClone().AsObject();
            (alone["request_id"], inBatch["request_id"]) = (null, null);
            JsonNode.DeepEquals(alone, inBatch).ShouldBeTrue(inBatch.ToJsonString());
        }
    }

    [Fact]
    public async Task Every_one_is_counted()
    {
        await _client.PostAsync(Path, Of([.. Enumerable.Range(0, 100).Select(_ => Ask(_good.Plaintext.Expose()))]));

        (await _portal.Get<UsageQueries>().SummaryAsync(_cast.Alice, UsagePeriod.Hours24, _good.Key.Id)).Value.Current.Calls.ShouldBe(100);
    }

    [Fact]
    public async Task One_wrong_field_stops_them_all_and_is_named()
    {
        var wrong = Ask(_good.Plaintext.Expose());
        wrong["ip"] = "here";

        var answer = (await _client.PostAsync(Path, Of(Ask(_good.Plaintext.Expose()), wrong, new JsonObject()))).IsProblem(422, "validation_failed");

        answer.Pointers.ShouldBe("/requests/1/ip /requests/2/key");
        (await _portal.Get<UsageQueries>().SummaryAsync(_cast.Alice, UsagePeriod.Hours24, _good.Key.Id)).Value.Current.Calls.ShouldBe(0);
    }

    [Fact]
    public async Task None_and_more_than_a_hundred_are_refused()
    {
        (await _client.PostAsync(Path, new JsonObject())).IsProblem(422, "validation_failed").Pointers.ShouldBe("/requests");
        (await _client.PostAsync(Path, Of())).IsProblem(422, "validation_failed");
        (await _client.PostAsync(Path, Of([.. Enumerable.Range(0, 101).Select(_ => Ask("k"))]))).IsProblem(422, "validation_failed").Pointers.ShouldBe("/requests");
        (await _client.RawAsync(Path, """{"requests":[null]}""")).IsProblem(422, "validation_failed").Pointers.ShouldBe("/requests/0");
    }

    [Fact]
    public async Task Limits_are_spent_in_the_order_of_the_batch()
    {
        var key = (await _portal.LimitedKeyAsync(_cast.Alice, [LimitsGiven.Window(3, 3_600)], [LimitsGiven.Daily(10)])).Plaintext.Expose();
        var dear = Ask(key);
        dear["cost"] = 2;

        var data = (await _client.PostAsync(Path, Of(Ask(key), Ask(key, "triggers:read"), dear, Ask(key), Ask(key, "triggers:read")))).Is(HttpStatusCode.OK)["data"].AsArray();

        data.Select(d => string.Join(' ', d!["reasons"]?.AsArray().Select(r => r!["code"]!.GetValue<string>()) ?? ["valid"])).ShouldBe(
            ["valid", "insufficient_scope", "valid", "rate_limited", "insufficient_scope rate_limited"]);
        data[2]!["quotas"]![0]!["remaining"]!.GetValue<long>().ShouldBe(7);
    }

    [Fact]
    public async Task One_whose_quota_cannot_be_read_leaves_all_of_them_unspent_and_uncounted()
    {
        var known = await _portal.LimitedKeyAsync(_cast.Alice, [LimitsGiven.Window(10, 3_600)], [LimitsGiven.Daily(10)]);
        var unread = await _portal.LimitedKeyAsync(_cast.Alice, [], [LimitsGiven.Monthly(10)]);
        (await _client.ValidateAsync(known.Plaintext.Expose())).Code.ShouldBe("valid");
        var batch = Of(Ask(known.Plaintext.Expose()), Ask(known.Plaintext.Expose()), Ask(unread.Plaintext.Expose()));
        await using (await UsageAway.TakeAsync(_portal))
        {
            (await _client.PostAsync(Path, batch.DeepClone().AsObject())).IsProblem(503, "storage_unavailable").Message.Headers.RetryAfter.ShouldNotBeNull();
        }

        var answer = await _client.ValidateAsync(known.Plaintext.Expose());
        (Remaining(answer["rate_limits"]), Remaining(answer["quotas"])).ShouldBe((8, 8));
        (await _portal.Get<UsageQueries>().SummaryAsync(_cast.Alice, UsagePeriod.Hours24)).Value.Current.Calls.ShouldBe(2);

        var data = (await _client.PostAsync(Path, batch)).Is(HttpStatusCode.OK)["data"].AsArray();
        data.Select(d => d!["code"]!.GetValue<string>()).ShouldBe(["valid", "valid", "valid"]);
    }

    private static long Remaining(JsonNode limits) => limits[0]!["remaining"]!.GetValue<long>();
}
