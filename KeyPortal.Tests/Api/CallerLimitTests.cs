using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Api;
using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using static KeyPortal.Tests.Support.LimitsGiven;

namespace KeyPortal.Tests.Api;

/// <summary>Limits of the key that calls KeyPortal itself, and how often one credential may manage.</summary>
public sealed class CallerLimitTests : IAsyncLifetime
{
    private readonly Portal _portal = new(("KeyPortal:Api:RequestsPerMinute", "5"), ("KeyPortal:Policy:KeysPerMember", "100"));
    private Cast _cast = null!;
    private string _plain = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _plain = (await _portal.KeyAsync(_cast.Alice)).Plaintext.Expose();
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private async Task<Client> ClientAsync(RateLimitInput[] limits, QuotaInput[]? quotas = null, string? tier = null)
    {
        var key = await _portal.KeyAsync(_cast.Alice, "Integration", with: k => k with { Scopes = ["api-keys:validate", "api-keys:manage"], RateLimits = limits, Quotas = quotas ?? [], Tier = tier });
        return new Client(_portal.CreateClient(), key.Plaintext.Expose());
    }

    private static string? Header(Answer answer, string name) => answer.Message.Headers.TryGetValues(name, out var values) ? values.Single() : null;

    [Fact]
    public async Task The_callers_headers_are_about_the_caller_and_the_fields_about_the_key_it_presents()
    {
        var client = await ClientAsync([Bucket(10, 60, name: "mine")]);
        var presented = (await _portal.LimitedKeyAsync(_cast.Alice, Window(7, 60, name: "theirs"))).Plaintext.Expose();

        var answer = (await client.ValidateAsync(presented)).Is(HttpStatusCode.OK);

        answer["headers"]["RateLimit"]!.GetValue<string>().ShouldBe("\"theirs\";r=6;t=60");
        (Header(answer, "RateLimit-Policy"), Header(answer, "RateLimit")).ShouldBe(("\"mine\";q=10;w=60", "\"mine\";r=9;t=6"));
        (Header(answer, "X-RateLimit-Limit"), Header(answer, "X-RateLimit-Remaining")).ShouldBe(("10", "9"));
        Header(await (await ClientAsync([])).ValidateAsync(presented), "RateLimit").ShouldBeNull("a caller without limits hears of none");
    }

    [Theory]
    [InlineData("/api/v1/api-keys/validate")]
    [InlineData("/api/v1/api-keys/validate/batch")]
    [InlineData("/api/v1/introspect")]
    [InlineData("/api/v1/api-keys")]
    public async Task A_caller_at_its_own_limit_is_refused_with_a_problem_and_spends_nothing_by_asking_on(string path)
    {
        var client = await ClientAsync([Window(1, 60, name: "mine")], [Daily(100)]);
        Task<Answer> AskAsync() => path switch
        {
            "/api/v1/introspect" => client.RawAsync(path, "token=" + _plain, "application/x-www-form-urlencoded"),
            "/api/v1/api-keys" => client.GetAsync(path),
            _ when path.EndsWith("batch", StringComparison.Ordinal) => client.PostAsync(path, new JsonObject { ["requests"] = new JsonArray(new JsonObject { ["key"] = _plain }) }),
            _ => client.ValidateAsync(_plain),
        };
        Header((await AskAsync()).Is(HttpStatusCode.OK), "RateLimit")!.ShouldEndWith("\"mine\";r=0;t=60, \"quota-day\";r=99;t=54000");

        for (var i = 0; i < 3; i++)
        {
            var refused = (await AskAsync()).IsLimitProblem("rate_limited", "mine");
            (Header(refused, "Retry-After"), Header(refused, "RateLimit"), Header(refused, "X-RateLimit-Remaining")).ShouldBe(("60", "\"mine\";r=0;t=60, \"quota-day\";r=99;t=54000", "0"));
        }

        _portal.Clock.Advance(TimeSpan.FromSeconds(60));
        (await AskAsync()).Is(HttpStatusCode.OK);
    }

    private Task<Answer> BatchAsync(Client client, int count) =>
        client.PostAsync(Client.Keys + "/validate/batch", new JsonObject { ["requests"] = new JsonArray([.. Enumerable.Range(0, count).Select(_ => new JsonObject { ["key"] = _plain })]) });

    [Fact]
    public async Task A_batch_spends_a_call_for_each_decision_or_none_at_all()
    {
        var client = await ClientAsync([Window(10, 60, name: "mine")], [Daily(100)]);

        Header((await BatchAsync(client, 7)).Is(HttpStatusCode.OK), "RateLimit").ShouldBe("\"mine\";r=3;t=60, \"quota-day\";r=93;t=54000");
        var refused = (await BatchAsync(client, 4)).IsLimitProblem("rate_limited", "mine");
        refused.Text("detail").ShouldContain("room for 3 more, and this call costs 4");
        (Header(refused, "Retry-After"), Header(refused, "RateLimit")).ShouldBe(("60", "\"mine\";r=3;t=60, \"quota-day\";r=93;t=54000"));
        (await BatchAsync(client, 3)).Is(HttpStatusCode.OK);
        (await BatchAsync(client, 1)).IsLimitProblem("rate_limited", "mine");
    }

    [Fact]
    public async Task A_batch_that_the_callers_limit_never_holds_is_told_so_and_not_to_wait()
    {
        var client = await ClientAsync([Window(10, 60, name: "mine")]);

        var refused = (await BatchAsync(client, 11)).IsProblem(422, "validation_failed");

        (refused.Pointers, Header(refused, "Retry-After")).ShouldBe(("/requests", null));
        refused.Text("detail").ShouldBe("The call costs 11, more than the rate limit mine of 10 ever holds. It can never pass; split it.");
        (await BatchAsync(client, 10)).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_batch_that_makes_no_sense_costs_one_call()
    {
        var client = await ClientAsync([Window(10, 60, name: "mine")]);

        Header((await BatchAsync(client, 0)).IsProblem(422, "validation_failed"), "RateLimit").ShouldBe("\"mine\";r=9;t=60");
        Header((await client.RawAsync(Client.Keys + "/validate/batch", "{")).IsProblem(400, "malformed_json"), "RateLimit").ShouldBe("\"mine\";r=8;t=60");
    }

    [Fact]
    public async Task A_batch_of_a_caller_without_room_is_refused_as_one_call_before_it_is_looked_into()
    {
        var client = await ClientAsync([Window(10, 60, name: "mine")]);
        (await BatchAsync(client, 10)).Is(HttpStatusCode.OK);

        Header((await BatchAsync(client, 11)).IsLimitProblem("rate_limited", "mine"), "Retry-After").ShouldBe("60", "that it never fits is known only from the body");
    }

    [Fact]
    public async Task A_batch_of_a_caller_that_may_not_validate_is_refused_for_the_price_of_one_call()
    {
        var key = await _portal.KeyAsync(_cast.Alice, "Manager", with: k => k with { Scopes = ["api-keys:manage"], RateLimits = [Window(10, 60, name: "mine")] });
        var client = new Client(_portal.CreateClient(), key.Plaintext.Expose());

        Header((await BatchAsync(client, 7)).IsProblem(403, "not_allowed"), "RateLimit").ShouldBe("\"mine\";r=9;t=60");
        Header((await client.RawAsync(Client.Keys + "/validate/batch", "{")).IsProblem(403, "not_allowed"), "RateLimit").ShouldBe("\"mine\";r=8;t=60");
    }

    [Fact]
    public async Task A_default_tier_that_is_spent_lets_a_callers_batch_pass_within_its_own_limits()
    {
        await _portal.DefaultTierAsync(_cast.AcmeId, new RateLimit("default", LimitAlgorithm.FixedWindow, 1, 60));
        var key = await _portal.KeyAsync(_cast.Alice, "Integration", with: k => k with { Scopes = ["api-keys:validate"], RateLimits = [Window(10, 60, name: "mine")] });
        var client = new Client(_portal.CreateClient(), key.Plaintext.Expose());
        (await client.ValidateAsync(key.Plaintext.Expose())).Code.ShouldBe("valid");
        (await client.ValidateAsync(key.Plaintext.Expose())).Code.ShouldBe("rate_limited");

        Header((await BatchAsync(client, 3)).Is(HttpStatusCode.OK), "RateLimit").ShouldBe("\"mine\";r=4;t=60");
    }

    [Fact]
    public async Task An_organizations_default_tier_does_not_bind_the_caller_itself()
    {
        await _portal.DefaultTierAsync(_cast.AcmeId, new RateLimit("default", LimitAlgorithm.FixedWindow, 1, 60));
        var client = await ClientAsync([]);

        for (var i = 0; i < 3; i++)
        {
            (await client.ValidateAsync("nonsense")).Is(HttpStatusCode.OK).Code.ShouldBe("malformed");
        }

        (await client.ValidateAsync(_plain)).Code.ShouldBe("valid");
        (await client.ValidateAsync(_plain)).Code.ShouldBe("rate_limited", "it binds the keys that are presented");
    }

    [Fact]
    public async Task The_tier_that_a_key_names_binds_it_as_a_caller()
    {
        var client = await ClientAsync([], tier: "free");

        var answer = await client.ValidateAsync(_plain);

        Header(answer, "RateLimit-Policy").ShouldBe("\"burst\";q=60;w=60, \"quota-day\";q=10000;w=86400");
    }

    [Fact]
    public async Task One_credential_manages_so_often_a_minute_and_is_told_where_it_stands()
    {
        var client = await ClientAsync([]);
        for (var left = 4; left >= 0; left--)
        {
            var answer = left % 2 == 0 ? await client.GetAsync(Client.Keys) : (await client.GetAsync(Client.Keys + "/key_01m7yv349n6j63e140117m1c3r")).Is(HttpStatusCode.NotFound);
            Header(answer, "RateLimit-Policy").ShouldBe("\"keyportal.api\";q=5;w=60");
            Header(answer, "RateLimit")!.ShouldStartWith($"\"keyportal.api\";r={left};t=");
            Header(answer, "X-RateLimit-Remaining").ShouldBe(left.ToString());
        }

        var refused = (await client.GetAsync(Client.Keys)).IsLimitProblem("rate_limited", "keyportal.api");

        (Header(refused, "Retry-After"), Header(refused, "RateLimit")).ShouldBe(("12", "\"keyportal.api\";r=0;t=12"));
        (await client.ValidateAsync(_plain)).Is(HttpStatusCode.OK);
        (await (await ClientAsync([])).GetAsync(Client.Keys)).Is(HttpStatusCode.OK);
        _portal.Clock.Advance(TimeSpan.FromSeconds(12));
        (await client.GetAsync(Client.Keys)).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_persons_program_is_counted_by_its_session()
    {
        var (first, second) = (await _portal.TokensAsync(_cast.Alice), await _portal.TokensAsync(_cast.Alice));
        var client = new Client(_portal.CreateClient(), null).WithToken(first.AccessToken);
        for (var i = 0; i < 5; i++)
        {
            (await client.GetAsync(Client.Keys)).Is(HttpStatusCode.OK);
        }

        (await client.GetAsync(Client.Keys)).IsLimitProblem("rate_limited", "keyportal.api");
        (await client.WithToken(second.AccessToken).GetAsync(Client.Keys)).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_key_with_limits_of_its_own_hears_of_both_and_is_refused_by_either_spending_neither()
    {
        var client = await ClientAsync([Window(3, 60, name: "mine")]);

        var first = await client.GetAsync(Client.Keys);
        Header(first, "RateLimit-Policy").ShouldBe("\"keyportal.api\";q=5;w=60, \"mine\";q=3;w=60");
        Header(first, "RateLimit").ShouldBe("\"keyportal.api\";r=4;t=12, \"mine\";r=2;t=60");
        Header(first, "X-RateLimit-Limit").ShouldBe("3", "it is the tighter one");

        await client.GetAsync(Client.Keys);
        await client.GetAsync(Client.Keys);
        for (var i = 0; i < 3; i++)
        {
            (await client.GetAsync(Client.Keys)).IsLimitProblem("rate_limited", "mine");
        }

        _portal.Clock.Advance(TimeSpan.FromSeconds(60));
        Header(await client.GetAsync(Client.Keys), "RateLimit").ShouldBe("\"keyportal.api\";r=4;t=12, \"mine\";r=2;t=60");
    }

    [Fact]
    public async Task Whoever_is_refused_by_the_general_limit_spends_nothing_of_its_own()
    {
        var client = await ClientAsync([Window(100, 60, name: "mine")]);
        for (var i = 0; i < 8; i++)
        {
            await client.GetAsync(Client.Keys);
        }

        Header(await client.ValidateAsync(_plain), "RateLimit").ShouldBe("\"mine\";r=94;t=60", "five calls that manage and this one");
    }

    [Fact]
    public async Task A_call_without_a_credential_counts_against_nobody_and_hears_of_no_limit()
    {
        var client = new Client(_portal.CreateClient(), null);
        for (var i = 0; i < 8; i++)
        {
            var refused = (await client.GetAsync(Client.Keys)).IsProblem(401, "unauthenticated");
            Header(refused, "RateLimit").ShouldBeNull();
        }

        _portal.Get<ManagementLimit>().Count.ShouldBe(0);
    }

    [Fact]
    public async Task Counters_of_credentials_that_rest_leave_memory()
    {
        var client = await ClientAsync([]);
        await client.GetAsync(Client.Keys);
        var limit = _portal.Get<ManagementLimit>();
        limit.Sweep();
        limit.Count.ShouldBe(1);

        _portal.Clock.Advance(TimeSpan.FromSeconds(12));
        limit.Sweep();

        limit.Count.ShouldBe(0);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1000000001")]
    public void A_setting_out_of_range_stops_the_start_with_a_sentence(string value)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("KeyPortal:Api:RequestsPerMinute", (string?)value)]);
        builder.AddApi();
        using var host = builder.Build();

        Should.Throw<OptionsValidationException>(() => host.Services.GetRequiredService<IStartupValidator>().Validate())
            .Message.ShouldContain("KeyPortal:Api:RequestsPerMinute must be a whole number from 0, for no limit, to 1,000,000,000.");
    }

    [Fact]
    public async Task Zero_means_no_limit()
    {
        await using var portal = new Portal(("KeyPortal:Api:RequestsPerMinute", "0"));
        var client = await Client.OfAsync(portal, (await Cast.EnterAsync(portal)).Alice);

        Header(await client.GetAsync(Client.Keys), "RateLimit").ShouldBeNull();
    }
}
