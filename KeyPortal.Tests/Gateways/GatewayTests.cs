using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Gateways;

/// <summary>The gateways' files as the guide prints them, before a real service, asking a real KeyPortal.</summary>
public sealed class GatewayTests(GatewayStage stage) : IClassFixture<GatewayStage>
{
    public static TheoryData<string> Gateways => ["nginx", "caddy"];

    [Theory]
    [MemberData(nameof(Gateways))]
    public async Task A_good_key_reaches_the_service_which_is_told_whose_it_is(string gateway)
    {
        var answer = await stage.AskAsync(gateway, stage.Reader.Text("key"));

        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.Json!["path"]!.GetValue<string>().ShouldBe("/orders/7?full=1");
        Header(answer, "X-KeyPortal-Key-Id").ShouldBe(stage.Reader.Text("id"));
        Header(answer, "X-KeyPortal-Scopes").ShouldBe("triggers:read");
        Header(answer, "X-KeyPortal-Organization-Id").ShouldStartWith("org_");
        Header(answer, "X-API-Key").ShouldBeNull("the service has no use for the secret");
        Header(answer, "X-KeyPortal-Gateway").ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Gateways))]
    public async Task A_body_passes_as_it_is(string gateway)
    {
        var answer = await stage.AskAsync(gateway, stage.Reader.Text("key"), body: """{"n":1}""");

        answer.Json!["body"]!.GetValue<string>().ShouldBe("""{"n":1}""");
    }

    [Theory]
    [MemberData(nameof(Gateways))]
    public async Task Without_a_good_key_nothing_reaches_the_service(string gateway)
    {
        var before = stage.Served;

        (await stage.AskAsync(gateway, null)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await stage.AskAsync(gateway, "nonsense")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await stage.AskAsync(gateway, stage.Writer.Text("key"))).Status.ShouldBe(HttpStatusCode.Forbidden, "it holds another scope");
        (await stage.AskAsync(gateway, stage.Elsewhere.Text("key"))).Status.ShouldBe(HttpStatusCode.Forbidden, "it is bound to another network");

        stage.Served.ShouldBe(before);
    }

    [Theory]
    [MemberData(nameof(Gateways))]
    public async Task The_client_is_known_by_its_connection_whatever_it_says_of_itself(string gateway)
    {
        (await stage.AskAsync(gateway, stage.Here.Text("key"))).Status.ShouldBe(HttpStatusCode.OK);
        (await stage.AskAsync(gateway, stage.Elsewhere.Text("key"), ("X-Forwarded-For", "203.0.113.9"))).Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [MemberData(nameof(Gateways))]
    public async Task A_client_cannot_speak_in_KeyPortals_name(string gateway)
    {
        var answer = await stage.AskAsync(gateway, stage.Reader.Text("key"),
            ("X-KeyPortal-Key-Id", "key_forged"), ("X-KeyPortal-Agent-Id", "agent_forged"), ("X-KeyPortal-Scopes", "organizations:write"), ("X-KeyPortal-Gateway", "forged"));

        answer.Status.ShouldBe(HttpStatusCode.OK);
        Header(answer, "X-KeyPortal-Key-Id").ShouldBe(stage.Reader.Text("id"));
        Header(answer, "X-KeyPortal-Scopes").ShouldBe("triggers:read");
        Header(answer, "X-KeyPortal-Agent-Id").ShouldBeNullOrEmpty();
    }

    [Theory]
    [MemberData(nameof(Gateways))]
    public async Task A_revoked_key_is_out_with_the_next_request(string gateway)
    {
        var key = await stage.CreateAsync("Revoked behind a gateway", "triggers:read");
        (await stage.AskAsync(gateway, key.Text("key"))).Status.ShouldBe(HttpStatusCode.OK);

        (await stage.Manager.DeleteAsync($"{Client.Keys}/{key.Text("id")}")).Is(HttpStatusCode.OK);

        (await stage.AskAsync(gateway, key.Text("key"))).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [MemberData(nameof(Gateways))]
    public async Task With_KeyPortal_out_of_reach_nobody_gets_through(string gateway)
    {
        await using var alone = await stage.StartAsync(gateway, keyPortal: new Uri($"http://127.0.0.1:{FreePort.Find()}"));
        var before = stage.Served;

        ((int)(await GatewayStage.AskAsync(alone, stage.Reader.Text("key"), [])).Status).ShouldBeGreaterThanOrEqualTo(500);

        stage.Served.ShouldBe(before);
    }

    [Theory]
    [MemberData(nameof(Gateways))]
    public async Task A_client_at_its_limit_is_told_so_and_does_not_reach_the_service(string gateway)
    {
        var key = (await stage.CreateLimitedAsync(2, 86_400)).Text("key");
        (await stage.AskAsync(gateway, key)).Status.ShouldBe(HttpStatusCode.OK);
        (await stage.AskAsync(gateway, key)).Status.ShouldBe(HttpStatusCode.OK);
        var before = stage.Served;

        var refused = await stage.AskAsync(gateway, key);

        ((int)refused.Status).ShouldBe(429);
        var wait = (long)refused.Message.Headers.RetryAfter!.Delta!.Value.TotalSeconds;
        wait.ShouldBeInRange(86_000, 86_400);
        refused.Message.Headers.GetValues("RateLimit").ShouldBe([$"\"window\";r=0;t={wait}"]);
        refused.Message.Headers.GetValues("RateLimit-Policy").ShouldBe(["\"window\";q=2;w=86400"]);
        stage.Served.ShouldBe(before);
        (await stage.AskAsync(gateway, stage.Reader.Text("key"))).Status.ShouldBe(HttpStatusCode.OK, "another client has limits of its own");
    }

    [Theory]
    [MemberData(nameof(Gateways))]
    public async Task A_gateway_at_its_own_limit_sends_clients_away_for_a_while_and_tells_them_nothing_of_it(string gateway)
    {
        var own = (await stage.CreateLimitedAsync(1, 86_400, scope: "api-keys:validate")).Text("key");
        await using var limited = await stage.StartAsync(gateway, own);
        var client = (await stage.CreateLimitedAsync(5, 60)).Text("key");
        // The gateway's first call is spent by looking whether it is there.
        var before = stage.Served;

        var refused = await GatewayStage.AskAsync(limited, client, []);

        refused.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        ((long)refused.Message.Headers.RetryAfter!.Delta!.Value.TotalSeconds).ShouldBeInRange(86_000, 86_400);
        refused.Message.Headers.Select(h => h.Key).ShouldAllBe(name => !name.Contains("RateLimit", StringComparison.OrdinalIgnoreCase));
        (await refused.Message.Content.ReadAsStringAsync()).ShouldNotContain("window");
        stage.Served.ShouldBe(before);
        (await stage.AskAsync(gateway, client)).Status.ShouldBe(HttpStatusCode.OK, "another gateway has room");
    }

    [Theory]
    [MemberData(nameof(Gateways))]
    public async Task A_client_that_waits_as_it_is_told_passes(string gateway)
    {
        var key = (await stage.CreateLimitedAsync(1, 3)).Text("key");
        Answer answer;
        while ((answer = await stage.AskAsync(gateway, key)).Status == HttpStatusCode.OK)
        {
            // The machine may be so slow that a window is over before the next call.
        }

        ((int)answer.Status).ShouldBe(429);
        await Task.Delay(answer.Message.Headers.RetryAfter!.Delta!.Value);

        (await stage.AskAsync(gateway, key)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Nginx_tells_a_client_that_passes_where_it_stands_and_one_without_limits_nothing()
    {
        var limited = (await stage.CreateLimitedAsync(3, 86_400, warn: 30)).Text("key");

        var passed = await stage.AskAsync("nginx", limited);

        passed.Status.ShouldBe(HttpStatusCode.OK);
        passed.Message.Headers.GetValues("RateLimit").ShouldBe(["\"window\";r=2;t=86400"]);
        passed.Message.Headers.GetValues("RateLimit-Policy").ShouldBe(["\"window\";q=3;w=86400"]);
        passed.Message.Headers.GetValues("X-RateLimit-Warning").ShouldBe(["\"window\";used=1;limit=3"]);
        (await stage.AskAsync("nginx", stage.Reader.Text("key"))).Message.Headers.Contains("RateLimit").ShouldBeFalse();
    }

    private static string? Header(Answer answer, string name) => answer.Json!["headers"]![name.ToLowerInvariant()]?.GetValue<string>();
}
