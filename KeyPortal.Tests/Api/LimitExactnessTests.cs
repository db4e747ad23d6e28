using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Tests.Support;
using static KeyPortal.Tests.Support.LimitsGiven;

namespace KeyPortal.Tests.Api;

/// <summary>However many ask at once, and whichever way: never one call more than the limit, and never one fewer.</summary>
public sealed class LimitExactnessTests : IAsyncLifetime
{
    private const int Callers = 64;
    private readonly Portal _portal = new();
    private Cast _cast = null!;
    private Client _client = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _client = await Client.OfAsync(_portal, _cast.Alice);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    public static TheoryData<string> Algorithms => ["token_bucket", "fixed_window"];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Sixty_four_callers_spend_a_limit_exactly_by_every_way_in(string algorithm)
    {
        const int limit = 500;
        var key = (await _portal.LimitedKeyAsync(_cast.Alice, [new RateLimitInput("burst", algorithm, limit, 3600)], [Daily(limit + 1)])).Plaintext.Expose();

        var passed = await PassedAsync(key, callsEach: 10);

        passed.ShouldBe(limit);
        var last = await _client.ValidateAsync(key);
        (last.Code, last["quotas"][0]!["remaining"]!.GetValue<long>()).ShouldBe(("rate_limited", 1), "what the rate limit refused spent nothing of the quota");
    }

    [Fact]
    public async Task Sixty_four_callers_spend_a_quota_exactly()
    {
        var key = (await _portal.LimitedKeyAsync(_cast.Alice, [], [Daily(300), Monthly(1000)])).Plaintext.Expose();

        (await PassedAsync(key, callsEach: 6)).ShouldBe(300);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task A_caller_that_is_limited_itself_is_let_in_exactly_as_often(string algorithm)
    {
        var caller = await _portal.KeyAsync(_cast.Alice, "Caller", with: k => k with { Scopes = ["api-keys:validate"], RateLimits = [new RateLimitInput("mine", algorithm, 100, 3600)] });
        var client = _client.With(caller.Plaintext.Expose());
        var presented = (await _portal.KeyAsync(_cast.Alice)).Plaintext.Expose();

        var answers = await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            var let = 0;
            for (var i = 0; i < 4; i++)
            {
                let += (await client.ValidateAsync(presented)).Status == HttpStatusCode.OK ? 1 : 0;
            }

            return let;
        }));

        answers.Sum().ShouldBe(100);
    }

    /// <summary>Calls of cost 1, 2 and 3 by validation, batch and gateway; the sum of what passed.</summary>
    private async Task<long> PassedAsync(string key, int callsEach)
    {
        var spent = await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            var sum = 0L;
            for (var i = 0; i < callsEach; i++)
            {
                sum += ((caller + i) % 3) switch { 0 => await ByValidateAsync(key, 2), 1 => await ByBatchAsync(key), _ => await ByGatewayAsync(key) };
            }

            return sum;
        }));
        // What is left over is less than the dearest call costs; single ones find it.
        var total = spent.Sum();
        while (await ByValidateAsync(key, 1) is 1)
        {
            total++;
        }

        return total;
    }

    private async Task<long> ByValidateAsync(string key, long cost)
    {
        var answer = (await _client.ValidateAsync(new JsonObject { ["key"] = key, ["cost"] = cost })).Is(HttpStatusCode.OK);
        return answer["valid"].GetValue<bool>() ? cost : 0;
    }

    private async Task<long> ByBatchAsync(string key)
    {
        long[] costs = [1, 3];
        var answer = (await _client.PostAsync(Client.Keys + "/validate/batch", new JsonObject { ["requests"] = new JsonArray([.. costs.Select(cost => new JsonObject { ["key"] = key, ["cost"] = cost })]) })).Is(HttpStatusCode.OK);
        return answer["data"].AsArray().Select((decision, i) => decision!["valid"]!.GetValue<bool>() ? costs[i] : 0).Sum();
    }

    private async Task<long> ByGatewayAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/forward-auth");
        request.Headers.Add("X-API-Key", key);
        request.Headers.Add("X-KeyPortal-Gateway", _client.Key);
        var answer = await _client.SendAsync(request);
        ((int)answer.Status).ShouldBeOneOf(204, 429);
        return answer.Status == HttpStatusCode.NoContent ? 1 : 0;
    }
}
