using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Tests.Support;
using static KeyPortal.Tests.Support.LimitsGiven;

namespace KeyPortal.Tests.Api;

/// <summary>What a validation says of the limits of the key that was presented.</summary>
public sealed class LimitAnswerTests : IAsyncLifetime
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

    private async Task<string> KeyAsync(RateLimitsOf limits, params string[] scopes) =>
        (await _portal.LimitedKeyAsync(_cast.Alice, limits.Rates, limits.Quotas, scopes)).Plaintext.Expose();

    private sealed record RateLimitsOf(RateLimitInput[] Rates, QuotaInput[] Quotas);

    private static RateLimitsOf Rates(params RateLimitInput[] rates) => new(rates, []);

    private static RateLimitsOf Quotas(params QuotaInput[] quotas) => new([], quotas);

    private async Task<Answer> AskAsync(string key, long cost = 1) => (await _client.ValidateAsync(new JsonObject { ["key"] = key, ["cost"] = cost })).Is(HttpStatusCode.OK);

    private static string? Header(Answer answer, string name) => answer["headers"][name]?.GetValue<string>();

    private string Epoch(int seconds) => _portal.Clock.Now.AddSeconds(seconds).ToUnixTimeSeconds().ToString();

    [Fact]
    public async Task A_valid_answer_says_where_every_limit_stands_in_fields_and_in_headers_to_hand_on()
    {
        var key = await KeyAsync(new([Bucket(100, 60), Window(50, 10)], [Daily(1000)]));

        var answer = await AskAsync(key, cost: 3);

        answer.Code.ShouldBe("valid");
        answer["rate_limits"].ToJsonString().ShouldBe("""[{"name":"burst","limit":100,"remaining":97,"reset_seconds":1},{"name":"window","limit":50,"remaining":47,"reset_seconds":10}]""");
        answer["quotas"].ToJsonString().ShouldBe("""[{"period":"day","limit":1000,"remaining":997,"reset_seconds":54000}]""");
        Header(answer, "RateLimit-Policy").ShouldBe("\"burst\";q=100;w=60, \"window\";q=50;w=10, \"quota-day\";q=1000;w=86400");
        Header(answer, "RateLimit").ShouldBe("\"burst\";r=97;t=1, \"window\";r=47;t=10, \"quota-day\";r=997;t=54000");
        (Header(answer, "X-RateLimit-Limit"), Header(answer, "X-RateLimit-Remaining"), Header(answer, "X-RateLimit-Reset")).ShouldBe(("50", "47", Epoch(10)));
        answer["headers"].AsObject().Select(h => h.Key).ShouldBe(["RateLimit-Policy", "RateLimit", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"]);
    }

    [Fact]
    public async Task A_key_without_limits_has_the_fields_and_nothing_in_them()
    {
        var answer = await AskAsync((await _portal.KeyAsync(_cast.Alice)).Plaintext.Expose());

        (answer["rate_limits"].ToJsonString(), answer["quotas"].ToJsonString(), answer["headers"].ToJsonString()).ShouldBe(("[]", "[]", "{}"));
    }

    [Fact]
    public async Task A_refused_call_is_told_when_it_can_pass_and_passes_then()
    {
        var key = await KeyAsync(Rates(Bucket(10, 60)));
        (await AskAsync(key, 10)).Code.ShouldBe("valid");

        var refused = await AskAsync(key, 4);

        (refused["valid"].GetValue<bool>(), refused.Code).ShouldBe((false, "rate_limited"));
        refused["rate_limits"].ToJsonString().ShouldBe("""[{"name":"burst","limit":10,"remaining":0,"reset_seconds":6}]""");
        Header(refused, "RateLimit").ShouldBe("\"burst\";r=0;t=6");
        (Header(refused, "Retry-After"), Header(refused, "X-RateLimit-Reset")).ShouldBe(("24", Epoch(24)));
        _portal.Clock.Advance(TimeSpan.FromSeconds(23.9));
        (await AskAsync(key, 4)).Code.ShouldBe("rate_limited");
        _portal.Clock.Advance(TimeSpan.FromSeconds(0.1));
        (await AskAsync(key, 4)).Code.ShouldBe("valid", "the refusal in between did not lengthen the wait");
    }

    [Fact]
    public async Task A_quota_that_is_used_up_opens_with_the_next_period()
    {
        var key = await KeyAsync(Quotas(Daily(2), Monthly(10)));
        await AskAsync(key, 2);

        var refused = await AskAsync(key);

        refused.Code.ShouldBe("quota_exceeded");
        Header(refused, "RateLimit-Policy").ShouldBe("\"quota-day\";q=2;w=86400, \"quota-month\";q=10;w=2592000");
        Header(refused, "RateLimit").ShouldBe("\"quota-day\";r=0;t=54000, \"quota-month\";r=8;t=831600");
        (Header(refused, "X-RateLimit-Limit"), Header(refused, "Retry-After")).ShouldBe(("2", "54000"));
        _portal.Clock.Advance(TimeSpan.FromSeconds(54_000));
        (await AskAsync(key)).Code.ShouldBe("valid");
    }

    [Fact]
    public async Task A_call_that_costs_more_than_a_limit_holds_is_told_that_it_never_passes()
    {
        var key = await KeyAsync(new([Bucket(10, 60)], [Daily(1000)]));

        var refused = await AskAsync(key, 11);

        refused.Code.ShouldBe("rate_limited");
        refused["reasons"][0]!["detail"]!.GetValue<string>().ShouldContain("can never pass");
        Header(refused, "Retry-After").ShouldBeNull();
        Header(refused, "RateLimit").ShouldBe("\"burst\";r=10, \"quota-day\";r=1000", "nothing was spent, so there is nothing to wait for");
    }

    [Fact]
    public async Task A_warning_comes_before_the_wall_in_the_answer_and_as_a_header()
    {
        var key = await KeyAsync(Rates(Window(10, 60, warn: 80), Window(1000, 60, name: "wide")));
        var before = await AskAsync(key, 7);
        (before["warnings"].AsArray().Count, Header(before, "X-RateLimit-Warning")).ShouldBe((0, null));

        var near = await AskAsync(key);

        near["warnings"][0]!["code"]!.GetValue<string>().ShouldBe("rate_limit_near");
        Header(near, "X-RateLimit-Warning").ShouldBe("\"window\";used=8;limit=10");
    }

    [Fact]
    public async Task A_warning_is_in_every_answer_near_the_wall_and_signalled_once_a_window()
    {
        var (warnings, told) = (_portal.Get<LimitWarnings>(), new ConcurrentQueue<LimitNear>());
        warnings.Near += told.Enqueue;
        var key = await KeyAsync(Rates(Window(10, 60, warn: 50)));
        for (var window = 1; window <= 2; window++)
        {
            await AskAsync(key, 5);
            for (var i = 0; i < 4; i++)
            {
                (await AskAsync(key))["warnings"].AsArray().Count.ShouldBe(1);
            }

            warnings.Tell();
            told.Count.ShouldBe(window);
            _portal.Clock.Advance(TimeSpan.FromSeconds(60));
        }

        told.ShouldAllBe(near => near.LimitName == "window" && near.Standing.Used == 5);
    }

    [Fact]
    public async Task A_soft_quota_warns_and_is_no_header_that_a_client_would_wait_for()
    {
        var key = await KeyAsync(new([Bucket(100, 60)], [Daily(1000), Monthly(2, "soft")]));
        await AskAsync(key, 2);

        var passed = await AskAsync(key);

        passed.Code.ShouldBe("valid");
        passed["warnings"][0]!["code"]!.GetValue<string>().ShouldBe("quota_passed");
        passed["quotas"][1]!.ToJsonString().ShouldBe("""{"period":"month","limit":2,"remaining":0,"reset_seconds":831600}""");
        Header(passed, "RateLimit").ShouldBe("\"burst\";r=97;t=1, \"quota-day\";r=997;t=54000");
        Header(passed, "RateLimit-Policy").ShouldBe("\"burst\";q=100;w=60, \"quota-day\";q=1000;w=86400");
        (Header(passed, "X-RateLimit-Limit"), Header(passed, "X-RateLimit-Warning")).ShouldBe(("100", "\"quota-month\";used=3;limit=2"));

        var softOnly = await AskAsync(await KeyAsync(Quotas(Daily(5, "soft"))), cost: 5);
        softOnly["headers"].ToJsonString().ShouldBe("""{"X-RateLimit-Warning":"\u0022quota-day\u0022;used=5;limit=5"}""");
    }

    [Theory]
    [InlineData("""{"scopes":["triggers:write"]}""", "insufficient_scope")]
    [InlineData("""{"ip":"198.51.100.1"}""", "ip_not_allowed")]
    [InlineData("""{"environment":"live"}""", "environment_mismatch")]
    public async Task A_refusal_for_another_reason_spends_nothing_and_tells_no_limits(string wrong, string code)
    {
        var key = (await _portal.KeyAsync(_cast.Alice, with: k => k with { RateLimits = [Bucket(2, 60)], Quotas = [Daily(2)], Scopes = ["triggers:read"], AllowedIps = ["203.0.113.0/24"] })).Plaintext.Expose();
        JsonObject Good() => new() { ["key"] = key, ["ip"] = "203.0.113.9" };
        await _client.ValidateAsync(Good());
        for (var i = 0; i < 5; i++)
        {
            var body = Good();
            foreach (var (name, value) in JsonNode.Parse(wrong)!.AsObject())
            {
                body[name] = value!.DeepClone();
            }

            var refused = await _client.ValidateAsync(body);
            (refused.Code, refused["rate_limits"].AsArray().Count, refused["headers"].ToJsonString()).ShouldBe((code, 0, "{}"));
        }

        (await _client.ValidateAsync(Good())).Code.ShouldBe("valid");
        (await _client.ValidateAsync(Good())).Code.ShouldBe("rate_limited");
    }

    [Fact]
    public async Task A_fresh_read_spends_once()
    {
        var key = await KeyAsync(new([Window(10, 60)], [Daily(10)]));
        using var request = new HttpRequestMessage(HttpMethod.Post, Client.Keys + "/validate") { Content = new StringContent($$"""{"key":"{{key}}"}""", null, "application/json") };
        request.Headers.TryAddWithoutValidation("Cache-Control", "no-cache");
        request.Headers.Add("X-API-Key", _client.Key);

        var fresh = await _client.SendAsync(request);

        Header(fresh, "RateLimit").ShouldBe("\"window\";r=9;t=60, \"quota-day\";r=9;t=54000");
        Header(await AskAsync(key), "RateLimit").ShouldBe("\"window\";r=8;t=60, \"quota-day\";r=8;t=54000");
    }

    [Fact]
    public async Task A_batch_spends_for_each_of_its_requests()
    {
        var key = await KeyAsync(Rates(Window(5, 60)));
        JsonObject Of(int cost) => new() { ["key"] = key, ["cost"] = cost };

        var data = (await _client.PostAsync(Client.Keys + "/validate/batch", new JsonObject { ["requests"] = new JsonArray(Of(3), Of(3), Of(2), Of(1)) }))["data"].AsArray();

        data.Select(d => d!["code"]!.GetValue<string>()).ShouldBe(["valid", "rate_limited", "valid", "rate_limited"]);
        data.Select(d => d!["headers"]!["RateLimit"]!.GetValue<string>()).ShouldBe(["\"window\";r=2;t=60", "\"window\";r=2;t=60", "\"window\";r=0;t=60", "\"window\";r=0;t=60"]);
    }

    [Theory]
    [InlineData("0", 422)]
    [InlineData("-1", 422)]
    [InlineData("1000000001", 422)]
    [InlineData("9223372036854775807", 422)]
    [InlineData("9223372036854775808", 400)]
    [InlineData("1e9", 400)]
    [InlineData("1.5", 400)]
    [InlineData("\"1\"", 400)]
    [InlineData("null", 400)]
    [InlineData("[]", 400)]
    [InlineData("1000000000", 200)]
    public async Task A_cost_is_a_whole_number_up_to_a_milliard(string cost, int status)
    {
        var key = await KeyAsync(Rates(Window(1, 60)));
        var body = $$"""{"key":"{{key}}","cost":{{cost}}}""";

        var alone = await _client.RawAsync(Client.Keys + "/validate", body);
        var batch = await _client.RawAsync(Client.Keys + "/validate/batch", $$"""{"requests":[{{body}}]}""");

        ((int)alone.Status, (int)batch.Status).ShouldBe((status, status));
        if (status == 422)
        {
            (alone.Pointers, batch.Pointers).ShouldBe(("/cost", "/requests/0/cost"));
        }

        (await AskAsync(key)).Code.ShouldBe("valid", "nothing was spent by what was refused");
    }

    [Fact]
    public async Task An_introspection_spends_too_and_says_of_a_spent_key_only_that_it_is_not_active()
    {
        var key = await KeyAsync(Rates(Window(1, 60)));
        async Task<string> AskActiveAsync() => (await _client.RawAsync("/api/v1/introspect", "token=" + key, "application/x-www-form-urlencoded")).Is(HttpStatusCode.OK).Json!.ToJsonString();

        (await AskActiveAsync()).ShouldStartWith("""{"active":true""");
        (await AskActiveAsync()).ShouldBe("""{"active":false}""");
    }

    [Fact]
    public async Task A_key_that_asks_who_it_is_learns_its_limits_and_where_they_stand()
    {
        await _portal.DefaultTierAsync(_cast.AcmeId, new RateLimit("usual", LimitAlgorithm.SlidingWindow, 3, 60));
        var self = _client.With(await KeyAsync(new([Bucket(2, 60, warn: 50)], [Daily(10, "soft")])));

        var answer = (await self.GetAsync("/api/v1/auth/key")).Is(HttpStatusCode.OK);

        answer["limits"].ToJsonString().ShouldBe(
            """{"rate_limits":[{"name":"burst","algorithm":"token_bucket","limit":2,"window_seconds":60,"warn_at_percent":50,"remaining":1,"reset_seconds":30},{"name":"usual","algorithm":"sliding_window","limit":3,"window_seconds":60,"warn_at_percent":null,"remaining":2,"reset_seconds":60}],"quotas":[{"period":"day","limit":10,"mode":"soft","warn_at_percent":null,"remaining":9,"reset_seconds":54000}]}""");
        answer.Message.Headers.GetValues("RateLimit").Single().ShouldBe("\"burst\";r=1;t=30, \"usual\";r=2;t=60");
        answer.Message.Headers.GetValues("X-RateLimit-Warning").Single().ShouldBe("\"burst\";used=1;limit=2");

        await self.GetAsync("/api/v1/auth/key");
        var refused = (await self.GetAsync("/api/v1/auth/key")).IsLimitProblem("rate_limited", "burst");
        refused.Message.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(30));
        refused.Message.Headers.GetValues("RateLimit").Single().ShouldBe("\"burst\";r=0;t=30, \"usual\";r=1;t=60");
    }
}
