using System.Net;
using KeyPortal.Keys;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.TestHost;

namespace KeyPortal.Tests.Operations;

public sealed class ProxiesTests
{
    /// <summary>A key that may be used from 203.0.113.9 only tells which address the program believes.</summary>
    [Theory]
    [InlineData("10.0.0.7", "203.0.113.9", true)]
    [InlineData("10.0.0.7", "198.51.100.1, 203.0.113.9", true)]
    [InlineData("10.0.0.7", "203.0.113.9, 198.51.100.1", false)]
    [InlineData("10.0.0.7", "203.0.113.9, 10.0.9.9", true)]
    [InlineData("192.0.2.1", "203.0.113.9", false)]
    [InlineData("203.0.113.9", null, true)]
    [InlineData("10.0.0.7", "203.0.113.9, nonsense", false)]
    public async Task The_client_is_the_right_most_address_that_is_no_configured_proxy(string connection, string? forwarded, bool believed)
    {
        await using var portal = new Portal(("KeyPortal:Proxies", "10.0.0.0/8"));
        var cast = await Cast.EnterAsync(portal);
        var key = await portal.KeyAsync(cast.Alice, with: i => i with { AllowedIps = ["203.0.113.9"] });

        (await AskAsync(portal, key, connection, forwarded)).ShouldBe(believed ? 200 : 401);
    }

    [Fact]
    public async Task Without_configured_proxies_the_header_is_not_believed()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = await portal.KeyAsync(cast.Alice, with: i => i with { AllowedIps = ["203.0.113.9"] });

        (await AskAsync(portal, key, "127.0.0.1", "203.0.113.9")).ShouldBe(401);
    }

    private static async Task<int> AskAsync(Portal portal, IssuedKey key, string connection, string? forwarded)
    {
        var context = await portal.Server.SendAsync(request =>
        {
            request.Connection.RemoteIpAddress = IPAddress.Parse(connection);
            request.Request.Scheme = "https";
            request.Request.Path = "/api/v1/auth/key";
            request.Request.Headers["X-API-Key"] = key.Plaintext.Expose();
            if (forwarded is not null)
            {
                request.Request.Headers["X-Forwarded-For"] = forwarded;
            }
        });
        return context.Response.StatusCode;
    }
}
