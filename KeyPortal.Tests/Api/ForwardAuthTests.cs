using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Keys;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;

namespace KeyPortal.Tests.Api;

/// <summary>What a gateway asks before it lets a request through.</summary>
public sealed class ForwardAuthTests : IAsyncLifetime
{
    private const string Path = "/api/v1/forward-auth";
    private readonly Portal _portal = new(("KeyPortal:Proxies", "10.0.0.0/8"));
    private Cast _cast = null!;
    private string _gateway = null!;
    private IssuedKey _key = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _gateway = (await _portal.KeyAsync(_cast.Alice, "Gateway", with: k => k with { Scopes = ["api-keys:validate"] })).Plaintext.Expose();
        _key = await _portal.KeyAsync(_cast.Alice, "Client", with: k => k with { Scopes = ["triggers:read", "events:read"], Resources = ["eu/*"] });
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private async Task<HttpResponse> AskAsync(string query = "", string? key = null, string? bearer = null, string? gateway = null, string? forwarded = null, string connection = "192.0.2.1", string? origin = null)
    {
        var context = await _portal.Server.SendAsync(request =>
        {
            request.Connection.RemoteIpAddress = IPAddress.Parse(connection);
            request.Request.Scheme = "https";
            request.Request.Path = Path;
            request.Request.QueryString = new QueryString(query);
            var headers = request.Request.Headers;
            foreach (var (name, value) in new[] { ("X-API-Key", key), ("Authorization", bearer is null ? null : "Bearer " + bearer), ("X-KeyPortal-Gateway", gateway ?? _gateway), ("X-Forwarded-For", forwarded), ("Origin", origin) })
            {
                if (!string.IsNullOrEmpty(value))
                {
                    headers[name] = value;
                }
            }
        });
        return context.Response;
    }

    [Fact]
    public async Task A_good_key_passes_and_whatever_stands_behind_is_told_whose_it_is()
    {
        foreach (var answer in new[] { await AskAsync(key: _key.Plaintext.Expose()), await AskAsync(bearer: _key.Plaintext.Expose()) })
        {
            answer.StatusCode.ShouldBe(204);
            answer.Headers["X-KeyPortal-Key-Id"].ToString().ShouldBe(_key.Key.Id);
            answer.Headers["X-KeyPortal-Organization-Id"].ToString().ShouldBe(_cast.AcmeId);
            answer.Headers["X-KeyPortal-Scopes"].ToString().ShouldBe("triggers:read events:read");
            answer.Headers.CacheControl.ToString().ShouldBe("no-store");
        }
    }

    [Theory]
    [InlineData("?scopes=triggers:read", 204)]
    [InlineData("?scopes=triggers:read,events:read", 204)]
    [InlineData("?scopes=triggers:read%20AND%20(events:read%20OR%20events:write)", 204)]
    [InlineData("?scopes=triggers:write", 403)]
    [InlineData("?scopes=triggers:read,triggers:write", 403)]
    [InlineData("?environment=test", 204)]
    [InlineData("?environment=live", 403)]
    [InlineData("?resource=eu/1", 204)]
    [InlineData("?resource=us/1", 403)]
    [InlineData("?scopes=nonsense", 422)]
    [InlineData("?scopes=", 422)]
    [InlineData("?scope=triggers:write", 422)]
    [InlineData("?scopes=triggers:read&scopes=triggers:write", 422)]
    [InlineData("?environment=prod", 422)]
    public async Task The_gateway_says_in_the_query_what_the_key_must_hold(string query, int status) =>
        (await AskAsync(query, key: _key.Plaintext.Expose())).StatusCode.ShouldBe(status);

    [Fact]
    public async Task A_key_that_is_not_good_is_not_let_through()
    {
        var theirs = await _portal.KeyAsync(_cast.Olaf);
        await _portal.Get<KeyRevocation>().RevokeAsync(_cast.Alice, _key.Key.Id, RevocationReason.KeyCompromise);

        foreach (var key in new[] { "", "nonsense", theirs.Plaintext.Expose(), _key.Plaintext.Expose() })
        {
            var answer = await AskAsync(key: key);
            answer.StatusCode.ShouldBe(401, key);
            answer.Headers.WWWAuthenticate.ToString().ShouldStartWith("Bearer");
            answer.Headers.ContainsKey("X-KeyPortal-Key-Id").ShouldBeFalse();
        }
    }

    [Fact]
    public async Task A_bearer_that_is_no_key_belongs_to_whatever_stands_behind()
    {
        (await AskAsync(key: _key.Plaintext.Expose(), bearer: "eyJhbGciOi.some.jwt")).StatusCode.ShouldBe(204);
        (await AskAsync(bearer: "eyJhbGciOi.some.jwt")).StatusCode.ShouldBe(401);
        (await AskAsync(key: _key.Plaintext.Expose(), bearer: _gateway)).StatusCode.ShouldBe(401, "two keys are one too many");
    }

    [Theory]
    [InlineData("203.0.113.9", 204)]
    [InlineData("203.0.113.9:41312", 204)]
    [InlineData("10.9.9.9, 203.0.113.9", 204)]
    [InlineData("203.0.113.9, 198.51.100.7", 403)]
    [InlineData("203.0.113.9, nonsense", 403)]
    [InlineData("203.0.113.9,", 403)]
    [InlineData(null, 403)]
    public async Task The_client_is_who_the_gateway_says_last(string? forwarded, int status)
    {
        var bound = await _portal.KeyAsync(_cast.Alice, "Bound", with: k => k with { AllowedIps = ["203.0.113.9"] });

        // From an address of a configured proxy and from another: what the framework makes of the header is for KeyPortal's own callers.
        (await AskAsync(key: bound.Plaintext.Expose(), forwarded: forwarded)).StatusCode.ShouldBe(status);
        (await AskAsync(key: bound.Plaintext.Expose(), forwarded: forwarded, connection: "10.0.0.7")).StatusCode.ShouldBe(status);
    }

    [Fact]
    public async Task A_key_bound_to_the_gateways_own_address_does_not_open_for_its_clients()
    {
        var bound = await _portal.KeyAsync(_cast.Alice, "Bound", with: k => k with { AllowedIps = ["192.0.2.1"] });

        (await AskAsync(key: bound.Plaintext.Expose())).StatusCode.ShouldBe(403);
        (await AskAsync(key: bound.Plaintext.Expose(), forwarded: "198.51.100.7")).StatusCode.ShouldBe(403);
    }

    [Fact]
    public async Task A_browser_is_held_to_the_origins_of_its_key()
    {
        var publishable = await _portal.KeyAsync(_cast.Alice, "Page", type: KeyType.Publishable, with: k => k with { AllowedOrigins = ["https://app.example.com"] });

        (await AskAsync(key: publishable.Plaintext.Expose(), origin: "https://app.example.com")).StatusCode.ShouldBe(204);
        (await AskAsync(key: publishable.Plaintext.Expose(), origin: "https://evil.example")).StatusCode.ShouldBe(403);
        (await AskAsync(key: publishable.Plaintext.Expose())).StatusCode.ShouldBe(403);
    }

    [Fact]
    public async Task The_gateway_needs_a_key_of_its_own_that_may_validate()
    {
        var weak = await _portal.KeyAsync(_cast.Alice, "Weak", with: k => k with { Scopes = ["usage:read"] });
        var theirs = (await _portal.KeyAsync(_cast.Olaf, with: k => k with { Scopes = ["api-keys:validate"] })).Plaintext.Expose();
        var key = _key.Plaintext.Expose();

        (await AskAsync(key: key, gateway: "nonsense")).StatusCode.ShouldBe(401);
        (await AskAsync(key: key, gateway: weak.Plaintext.Expose())).StatusCode.ShouldBe(403);
        (await AskAsync(key: key, gateway: theirs)).StatusCode.ShouldBe(401, "another organization's gateway knows no such key");
    }

    [Fact]
    public async Task A_limited_client_is_told_where_it_stands_and_refused_at_its_limit_with_the_time_to_wait()
    {
        var key = (await _portal.LimitedKeyAsync(_cast.Alice, LimitsGiven.Window(2, 60, warn: 50))).Plaintext.Expose();

        var first = await AskAsync(key: key);
        (first.StatusCode, first.Headers["RateLimit-Policy"].ToString(), first.Headers["RateLimit"].ToString()).ShouldBe((204, "\"window\";q=2;w=60", "\"window\";r=1;t=60"));
        first.Headers["X-RateLimit-Warning"].ToString().ShouldBe("\"window\";used=1;limit=2");
        (await AskAsync(key: key)).StatusCode.ShouldBe(204);

        for (var i = 0; i < 3; i++)
        {
            var refused = await AskAsync(key: key);
            (refused.StatusCode, refused.Headers.RetryAfter.ToString(), refused.Headers["RateLimit"].ToString()).ShouldBe((429, "60", "\"window\";r=0;t=60"));
            (refused.Headers["X-RateLimit-Limit"].ToString(), refused.Headers["X-RateLimit-Remaining"].ToString()).ShouldBe(("2", "0"));
            refused.Headers["X-RateLimit-Reset"].ToString().ShouldBe(_portal.Clock.Now.AddSeconds(60).ToUnixTimeSeconds().ToString());
            refused.Headers.ContainsKey("X-KeyPortal-Key-Id").ShouldBeFalse();
            var problem = JsonNode.Parse(await new StreamReader(refused.Body).ReadToEndAsync())!;
            (problem["code"]!.GetValue<string>(), problem["violated-policies"]!.ToJsonString()).ShouldBe(("rate_limited", """["window"]"""));
            problem["type"]!.GetValue<string>().ShouldBe("https://iana.org/assignments/http-problem-types#quota-exceeded");
        }

        _portal.Clock.Advance(TimeSpan.FromSeconds(60));
        (await AskAsync(key: key)).StatusCode.ShouldBe(204);
    }

    [Fact]
    public async Task A_spent_quota_is_a_429_and_a_spent_key_that_may_not_do_this_a_403()
    {
        var key = (await _portal.LimitedKeyAsync(_cast.Alice, [], [LimitsGiven.Daily(1)], "triggers:read")).Plaintext.Expose();
        (await AskAsync(key: key)).StatusCode.ShouldBe(204);

        var refused = await AskAsync(key: key);

        (refused.StatusCode, refused.Headers.RetryAfter.ToString(), refused.Headers["RateLimit"].ToString()).ShouldBe((429, "54000", "\"quota-day\";r=0;t=54000"));
        var forbidden = await AskAsync("?scopes=triggers:write", key: key);
        (forbidden.StatusCode, forbidden.Headers.ContainsKey("RateLimit")).ShouldBe((403, false));
    }

    [Fact]
    public async Task A_gateway_at_its_own_limit_lets_nobody_through_and_tells_its_clients_nothing_of_its_limits()
    {
        var gateway = (await _portal.LimitedKeyAsync(_cast.Alice, [LimitsGiven.Window(1, 60, name: "gateway")], [], "api-keys:validate")).Plaintext.Expose();
        var key = (await _portal.LimitedKeyAsync(_cast.Alice, LimitsGiven.Window(5, 60))).Plaintext.Expose();
        (await AskAsync(key: key, gateway: gateway)).Headers["RateLimit"].ToString().ShouldBe("\"window\";r=4;t=60");

        var refused = await AskAsync(key: key, gateway: gateway);

        (refused.StatusCode, refused.Headers.RetryAfter.ToString()).ShouldBe((503, "60"));
        using var reader = new StreamReader(refused.Body);
        var said = JsonNode.Parse(await reader.ReadToEndAsync())!.AsObject();
        (said["code"]!.GetValue<string>(), said["type"]!.GetValue<string>(), said.ContainsKey("violated-policies")).ShouldBe(("gateway_busy", "about:blank", false));
        said.ToJsonString().ShouldNotContain("window");
        refused.Headers.Keys.ShouldAllBe(name => !name.Contains("RateLimit", StringComparison.OrdinalIgnoreCase));
        (await AskAsync(key: key)).Headers["RateLimit"].ToString().ShouldBe("\"window\";r=3;t=60", "the client's limits were not asked");
    }
}
