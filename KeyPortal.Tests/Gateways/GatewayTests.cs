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

    /// <summary>KeyPortal's part is played here: what is tried is that the gateway's file hands a 429 on as it is, which nginx does not by itself.</summary>
    [Theory]
    [MemberData(nameof(Gateways))]
    public async Task A_429_reaches_the_client_with_the_time_to_wait(string gateway)
    {
        await using var limited = await stage.StartLimitedAsync(gateway);
        var before = stage.Served;

        var answer = await GatewayStage.AskAsync(limited, stage.Reader.Text("key"), []);

        ((int)answer.Status).ShouldBe(429);
        answer.Message.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(17));
        answer.Message.Headers.GetValues("RateLimit").ShouldBe(["\"burst\";r=0;t=17"]);
        answer.Message.Headers.GetValues("RateLimit-Policy").ShouldBe(["\"burst\";q=100;w=60"]);
        stage.Served.ShouldBe(before);
    }

    private static string? Header(Answer answer, string name) => answer.Json!["headers"]![name.ToLowerInvariant()]?.GetValue<string>();
}
