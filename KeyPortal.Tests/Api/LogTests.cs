using System.Text.Json.Nodes;
using KeyPortal.Access;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

public sealed class LogTests
{
    [Fact]
    public async Task No_log_line_holds_a_key_a_header_or_a_password()
    {
        using var lines = new LogLines();
        await using var portal = new Portal { Logs = lines };
        using var http = portal.CreateClient();
        var cast = await Cast.EnterAsync(portal);
        var management = await portal.ManagementKeyAsync(cast.Alice);
        var client = new Client(http, management);

        var created = await client.CreateAsync(new JsonObject { ["name"] = "Logged", ["description"] = "body-marker-7f3a" });
        var key = created.Text("key");
        await client.ValidateAsync(key);
        await client.ValidateAsync(key[..^1]);
        await client.RawAsync(Client.Keys, "{\"name\":\"" + key);
        var bearer = new HttpRequestMessage(HttpMethod.Get, "/api/v1/auth/key") { Headers = { { "Authorization", "Bearer " + key } } };
        await client.SendAsync(bearer);
        await client.PostAsync($"{Client.Keys}/{created.Text("id")}/revoke");
        await client.With(key).GetAsync("/api/v1/auth/key");
        await client.With("wrong-credential-91c2").GetAsync(Client.Keys);
        await portal.Get<SignIn>().WithPasswordAsync("alice@acme.example", Cast.Password, SessionKind.Browser, Origin.None);
        await portal.Get<SignIn>().WithPasswordAsync("alice@acme.example", "wrong-password-55d1", SessionKind.Browser, Origin.None);

        var pair = await portal.TokensAsync(cast.Alice);
        await client.WithToken(pair.AccessToken).GetAsync(Client.Keys);
        await client.WithToken(pair.AccessToken[..^1]).GetAsync(Client.Keys);
        var next = await client.With(null).PostAsync("/api/v1/auth/refresh", new JsonObject { ["refresh_token"] = pair.RefreshToken.Expose() });
        await client.With(null).PostAsync("/api/v1/auth/login", new JsonObject { ["email"] = "alice@acme.example", ["password"] = "wrong-password-77e3" });

        lines.All.Count.ShouldBeGreaterThan(100, "the capture must have seen the framework's own lines");
        var text = string.Join('\n', lines.All);
        text.ShouldContain("/api/v1/api-keys");
        foreach (var secret in (string[])[key, key[..^1], management, "Bearer ", "body-marker-7f3a", "wrong-credential-91c2", Cast.Password, "wrong-password-55d1", "wrong-password-77e3",
            pair.AccessToken[..^1], pair.RefreshToken.Expose(), next.Text("access_token"), next.Text("refresh_token")])
        {
            text.Contains(secret, StringComparison.Ordinal).ShouldBeFalse(lines.All.FirstOrDefault(l => l.Contains(secret, StringComparison.Ordinal)));
        }
    }
}
