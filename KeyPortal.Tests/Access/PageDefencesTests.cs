using System.Net;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Access;

public sealed class PageDefencesTests
{
    [Theory]
    [InlineData("http://localhost", HttpStatusCode.OK)]
    [InlineData("http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("http://localhost:81", HttpStatusCode.Forbidden)]
    [InlineData("https://localhost", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    public async Task A_circuit_opens_for_our_own_pages_only(string origin, HttpStatusCode expected)
    {
        await using var portal = new Portal();
        using var client = await SignedInAsync(portal);

        (await NegotiateAsync(client, origin)).ShouldBe(expected);
    }

    [Fact]
    public async Task Behind_a_public_address_only_that_is_our_own()
    {
        await using var portal = new Portal(("KeyPortal:PublicUrl", "https://keys.example.com"));

        using var client = await SignedInAsync(portal);

        (await NegotiateAsync(client, "https://keys.example.com")).ShouldBe(HttpStatusCode.OK);
        (await NegotiateAsync(client, "http://localhost")).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("/_blazor/negotiate?negotiateVersion=1")]
    [InlineData("/_BLAZOR/Negotiate")]
    [InlineData("/_blazor")]
    [InlineData("/_blazor/")]
    public async Task Nobody_opens_a_circuit_without_signing_in(string path)
    {
        await using var portal = new Portal();
        using var client = portal.CreateClient();

        (await client.PostAsync(path, null)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_page_that_is_not_there_starts_no_circuit()
    {
        await using var portal = new Portal();
        await Cast.EnterAsync(portal);
        using var client = portal.CreateClient();

        var answer = await client.GetAsync("/no/such/page");

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsStringAsync()).ShouldNotContain("<!--Blazor:{\"type\":\"server\"");
    }

    [Fact]
    public async Task A_page_runs_only_its_own_scripts_and_stands_in_no_frame()
    {
        await using var portal = new Portal();
        await Cast.EnterAsync(portal);
        var client = portal.CreateClient();

        var (first, second) = (await client.GetAsync("/sign-in"), await client.GetAsync("/sign-in"));

        var policy = first.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("frame-ancestors 'none'");
        policy.ShouldContain("object-src 'none'");
        policy.Split(';').Single(p => p.Contains("script-src")).ShouldNotContain("unsafe");
        var nonce = policy.Split("'nonce-")[1].Split('\'')[0];
        var page = WebUtility.HtmlDecode(await first.Content.ReadAsStringAsync());
        page.Split("<script").Skip(1).ShouldAllBe(script => script.Contains($"nonce=\"{nonce}\""));
        second.Headers.GetValues("Content-Security-Policy").Single().ShouldNotContain(nonce);
        first.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        first.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);
        first.Headers.Contains("Strict-Transport-Security").ShouldBeFalse("a promise of https means nothing over http");
    }

    [Fact]
    public async Task Over_https_the_browser_is_told_to_stay_there()
    {
        await using var portal = new Portal();
        await Cast.EnterAsync(portal);
        var client = portal.CreateClient(new() { BaseAddress = new Uri("https://localhost") });

        (await client.GetAsync("/sign-in")).Headers.GetValues("Strict-Transport-Security").Single().ShouldStartWith("max-age=");
    }

    private static async Task<HttpStatusCode> NegotiateAsync(HttpClient client, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1");
        request.Headers.Add("Origin", origin);
        return (await client.SendAsync(request)).StatusCode;
    }

    private static async Task<HttpClient> SignedInAsync(Portal portal)
    {
        var cast = await Cast.EnterAsync(portal);
        var client = portal.CreateClient();
        client.DefaultRequestHeaders.Add("Cookie", $"keyportal={portal.CookieOf(await portal.SessionAsync(cast.Alice))}");
        return client;
    }
}
