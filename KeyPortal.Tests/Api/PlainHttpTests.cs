using System.Net;
using KeyPortal.Api;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KeyPortal.Tests.Api;

/// <summary>From where credentials are believed without encryption.</summary>
public sealed class PlainHttpTests
{
    private const string Elsewhere = "203.0.113.9";

    [Theory]
    [InlineData("private", "127.0.0.1", true)]
    [InlineData("private", "::1", true)]
    [InlineData("private", "10.1.2.3", true)]
    [InlineData("private", "172.16.0.1", true)]
    [InlineData("private", "172.31.255.255", true)]
    [InlineData("private", "172.32.0.1", false)]
    [InlineData("private", "192.168.1.9", true)]
    [InlineData("private", "192.169.1.9", false)]
    [InlineData("private", "169.254.1.9", true)]
    [InlineData("private", "::ffff:10.1.2.3", true)]
    [InlineData("private", "::ffff:203.0.113.9", false)]
    [InlineData("private", "fd00::7", true)]
    [InlineData("private", "fe80::7", true)]
    [InlineData("private", "2001:db8::7", false)]
    [InlineData("private", Elsewhere, false)]
    [InlineData("local", "10.1.2.3", false)]
    [InlineData("local", "127.0.0.1", true)]
    [InlineData("any", Elsewhere, true)]
    public async Task A_key_is_taken_over_http_from_where_the_setting_says(string setting, string from, bool taken)
    {
        await using var portal = new Portal(("KeyPortal:Api:KeysOverHttp", setting));
        var cast = await Cast.EnterAsync(portal);
        var key = await portal.ManagementKeyAsync(cast.Alice);

        foreach (var path in (string[])["/api/v1/api-keys", "/api/v1/auth/key"])
        {
            (await AskAsync(portal, path, from, ("X-API-Key", key))).ShouldBe(taken ? 200 : 403, path);
        }

        (await AskAsync(portal, "/api/v1/api-keys", from, https: true, ("X-API-Key", key))).ShouldBe(200);
    }

    [Fact]
    public async Task What_is_sent_in_the_clear_is_refused_alike_whether_it_is_good_or_not()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);

        foreach (var key in (string[])[await portal.ManagementKeyAsync(cast.Alice), "sk_test_0123456789ABCDEFGHIJKLMNOP4PdKB4", "nonsense"])
        {
            (await AskAsync(portal, "/api/v1/api-keys", Elsewhere, ("X-API-Key", key))).ShouldBe(403);
        }

        (await AskAsync(portal, "/api/v1/api-keys", Elsewhere)).ShouldBe(401, "nothing was sent");
    }

    [Theory]
    [InlineData("127.0.0.1", 200)]
    [InlineData("10.1.2.3", 403)]
    [InlineData(Elsewhere, 403)]
    public async Task An_access_token_is_taken_over_http_from_this_machine_only(string from, int status)
    {
        // Not even where keys are: a token opens what a cookie opens.
        await using var portal = new Portal(("KeyPortal:Api:KeysOverHttp", "any"));
        var cast = await Cast.EnterAsync(portal);
        var token = "Bearer " + (await portal.TokensAsync(cast.Alice)).AccessToken;

        (await AskAsync(portal, "/api/v1/api-keys", from, ("Authorization", token))).ShouldBe(status);
        (await AskAsync(portal, "/api/v1/api-keys", from, https: true, ("Authorization", token))).ShouldBe(200);
        (await AskAsync(portal, "/api/v1/auth/logout", from, https: false, "POST", ("Authorization", token))).ShouldBe(status == 200 ? 204 : 403);
    }

    [Theory]
    [InlineData("https", 200)]
    [InlineData("http", 403)]
    public async Task Behind_a_proxy_what_counts_is_how_the_client_came(string forwarded, int status)
    {
        await using var portal = new Portal(("KeyPortal:Proxies", "10.0.0.7"));
        var cast = await Cast.EnterAsync(portal);
        var key = await portal.ManagementKeyAsync(cast.Alice);

        (await AskAsync(portal, "/api/v1/api-keys", "10.0.0.7", ("X-API-Key", key), ("X-Forwarded-For", Elsewhere), ("X-Forwarded-Proto", forwarded))).ShouldBe(status);
    }

    [Theory]
    [InlineData("10.0.0.7", 204)]
    [InlineData("203.0.113.7", 403)]
    public async Task A_gateways_own_key_came_over_the_gateways_own_connection(string gateway, int status)
    {
        await using var portal = new Portal(("KeyPortal:Proxies", "10.0.0.7 203.0.113.7"));
        var cast = await Cast.EnterAsync(portal);
        var (own, client) = (await portal.ManagementKeyAsync(cast.Alice), (await portal.KeyAsync(cast.Alice)).Plaintext.Expose());

        (await AskAsync(portal, "/api/v1/forward-auth", gateway, ("X-KeyPortal-Gateway", own), ("X-API-Key", client), ("X-Forwarded-For", Elsewhere), ("X-Forwarded-Proto", "http"))).ShouldBe(status);
    }

    [Fact]
    public void A_wrong_setting_stops_the_start_with_a_sentence()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("KeyPortal:Api:KeysOverHttp", (string?)"never")]);
        builder.AddApi();
        using var host = builder.Build();

        Should.Throw<OptionsValidationException>(() => host.Services.GetRequiredService<IStartupValidator>().Validate())
            .Message.ShouldContain("KeyPortal:Api:KeysOverHttp must be local, private or any.");
    }

    private static Task<int> AskAsync(Portal portal, string path, string from, params (string Name, string Value)[] headers) => AskAsync(portal, path, from, https: false, headers);

    private static Task<int> AskAsync(Portal portal, string path, string from, bool https, params (string Name, string Value)[] headers) => AskAsync(portal, path, from, https, "GET", headers);

    private static async Task<int> AskAsync(Portal portal, string path, string from, bool https, string method, params (string Name, string Value)[] headers) => (await portal.Server.SendAsync(context =>
    {
        context.Connection.RemoteIpAddress = IPAddress.Parse(from);
        (context.Request.Method, context.Request.Path, context.Request.Scheme) = (method, path, https ? "https" : "http");
        foreach (var (name, value) in headers)
        {
            context.Request.Headers[name] = value;
        }
    })).Response.StatusCode;
}
