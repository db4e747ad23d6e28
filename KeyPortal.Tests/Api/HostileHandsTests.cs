using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Keys;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.TestHost;

namespace KeyPortal.Tests.Api;

/// <summary>Calls of somebody who means harm, or whose program has a mistake that does as much.</summary>
public sealed class HostileHandsTests(SharedPortal shared) : IClassFixture<SharedPortal>, IAsyncLifetime
{
    private readonly Portal _portal = shared.Portal;
    private readonly Cast _cast = shared.Cast;
    private Client _client = null!;

    public async ValueTask InitializeAsync() => _client = await Client.OfAsync(_portal, _cast.Alice);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("q")]
    [InlineData("owner_id")]
    [InlineData("created_by")]
    [InlineData("status")]
    [InlineData("environment")]
    [InlineData("type")]
    [InlineData("scope")]
    [InlineData("created_since")]
    [InlineData("last_used_before")]
    [InlineData("expires_before")]
    public async Task A_condition_without_a_value_does_not_stand_for_every_key(string name)
    {
        var key = await _portal.KeyAsync(_cast.Alice);
        foreach (var nothing in (string?[])[null, "", " ", "\u3000\t"])
        {
            foreach (var confirmed in (int?[])[null, 0, 1])
            {
                JsonObject body = new() { ["action"] = "revoke", ["filter"] = new JsonObject { [name] = nothing }, ["confirm_count"] = confirmed };
                (await _client.PostAsync(Client.Keys + "/bulk", body)).IsProblem(422, "validation_failed").Pointers.ShouldBe("/filter/" + name);
            }
        }

        (await _client.ValidateAsync(key.Plaintext.Expose())).Code.ShouldBe("valid");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Seen_from_nowhere_is_no_incident(string? nowhere)
    {
        JsonObject body = new() { ["action"] = "revoke", ["filter"] = new JsonObject { ["seen_from"] = nowhere, ["created_by"] = _cast.Alice.Id } };
        (await _client.PostAsync(Client.Keys + "/bulk", body)).IsProblem(422, "validation_failed").Pointers.ShouldBe("/seen_from");
    }

    [Theory]
    [InlineData("10.0.0.1", 204)]
    [InlineData("10.0.0.1:443", 204)]
    [InlineData("::ffff:10.0.0.1", 204)]
    [InlineData("[::ffff:10.0.0.1]", 204)]
    [InlineData("[::ffff:10.0.0.1]:443", 204)]
    [InlineData("192.0.2.1, 10.0.0.1", 204)]
    [InlineData("10.0.0.1, 192.0.2.1", 403)]
    [InlineData("10.1", 403)]
    [InlineData("10.1:443", 403)]
    [InlineData("167772161", 403)]
    [InlineData("012.0.0.1", 403)]
    [InlineData("012.0.0.1:443", 403)]
    [InlineData("0xa.0.0.1:443", 403)]
    [InlineData("10.0.0.1.", 403)]
    [InlineData("10.0.0.1:", 403)]
    [InlineData("10.0.0.1:x", 403)]
    [InlineData("::ffff:10.0.0.01", 403)]
    [InlineData("[::ffff:10.0.0.1%1]:443", 403)]
    [InlineData("unknown", 403)]
    public async Task A_gateways_client_is_where_its_address_plainly_says(string forwarded, int status)
    {
        var gateway = await _portal.KeyAsync(_cast.Alice, "Gateway", with: k => k with { Scopes = ["api-keys:validate"] });
        var key = await _portal.KeyAsync(_cast.Alice, with: k => k with { AllowedIps = ["10.0.0.0/8"] });
        var context = await _portal.Server.SendAsync(request =>
        {
            request.Request.Path = "/api/v1/forward-auth";
            request.Request.Headers["X-KeyPortal-Gateway"] = gateway.Plaintext.Expose();
            request.Request.Headers["X-API-Key"] = key.Plaintext.Expose();
            request.Request.Headers["X-Forwarded-For"] = forwarded;
        });

        context.Response.StatusCode.ShouldBe(status);
    }

    [Fact]
    public async Task A_developer_learns_nothing_of_a_colleagues_key_whatever_the_terms_of_the_call()
    {
        var theirs = await _portal.KeyAsync(_cast.Alice);
        var tag = (await _client.GetAsync($"{Client.Keys}/{theirs.Key.Id}")).Message.Headers.ETag!.ToString();
        var dora = _client.With((await _portal.KeyAsync(_cast.Dora, with: k => k with { Scopes = ["api-keys:manage"] })).Plaintext.Expose());
        List<string> told = [];
        foreach (var id in (string[])[theirs.Key.Id, "key_00000000000000000000000000"])
        {
            foreach (var (header, value) in new[] { ("If-Match", tag), ("If-Match", "\"no\""), ("If-Match", "*"), ("If-None-Match", tag), ("If-None-Match", "*"), ("Idempotency-Key", "x") })
            {
                foreach (var (method, path, body) in new[] { ("GET", "", null), ("PATCH", "", """{"name":"x"}"""), ("DELETE", "", null), ("POST", "/rotate", "{}"), ("POST", "/revoke", "{}"), ("POST", "/disable", null), ("POST", "/enable", null) })
                {
                    var request = new HttpRequestMessage(new HttpMethod(method), $"{Client.Keys}/{id}{path}") { Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
                    request.Headers.TryAddWithoutValidation("X-API-Key", dora.Key);
                    request.Headers.TryAddWithoutValidation(header, value);
                    var answer = (await dora.SendAsync(request)).IsProblem(404, "not_found");
                    answer.Message.Headers.ETag.ShouldBeNull();
                    told.Add(answer.Text("detail"));
                }
            }

            (await dora.PostAsync(Client.Keys + "/bulk", new JsonObject { ["action"] = "revoke", ["ids"] = new JsonArray(id), ["confirm_count"] = 1 })).IsProblem(422, "validation_failed").Pointers.ShouldBe("/ids/0");
        }

        told.Distinct().ShouldHaveSingleItem();
        (await _client.ValidateAsync(theirs.Plaintext.Expose())).Code.ShouldBe("valid");
    }

    [Fact]
    public async Task A_developers_filters_reach_no_further_than_their_own_keys()
    {
        var theirs = await _portal.KeyAsync(_cast.Alice, "Shared name");
        await _portal.KeyAsync(_cast.Dora, "Shared name");
        var dora = _client.With((await _portal.KeyAsync(_cast.Dora, with: k => k with { Scopes = ["api-keys:manage"] })).Plaintext.Expose());
        List<string> own = [.. (await _client.GetAsync($"{Client.Keys}?owner_id={_cast.Dora.MemberId}&limit=200"))["data"].AsArray().Select(k => k!["id"]!.GetValue<string>())];
        foreach (var filter in (JsonObject[])[new() { ["q"] = "Shared name" }, new() { ["owner_id"] = _cast.Alice.MemberId }, new() { ["created_by"] = _cast.Alice.MemberId }, new() { ["created_since"] = "2000-01-01T00:00:00Z" }])
        {
            var found = (await dora.PostAsync(Client.Keys + "/bulk", new JsonObject { ["action"] = "revoke", ["filter"] = filter.DeepClone() })).Is(HttpStatusCode.OK);
            found["data"].AsArray().Select(k => k!["id"]!.GetValue<string>()).Except(own).ShouldBeEmpty(filter.ToJsonString());
        }

        (await _client.ValidateAsync(theirs.Plaintext.Expose())).Code.ShouldBe("valid");
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded; charset=utf-7")]
    [InlineData("application/x-www-form-urlencoded; charset=no-such-charset")]
    [InlineData("application/x-www-form-urlencoded; charset=utf-16")]
    [InlineData("application/x-www-form-urlencoded;;;")]
    public async Task An_odd_charset_of_a_form_is_no_error_of_the_servers(string type)
    {
        var content = new ByteArrayContent("token=sk_test_0123456789ABCDEFGHIJKLMNOP4PdKB4"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        ((int)(await _client.SendAsync(HttpMethod.Post, "/api/v1/introspect", content)).Status).ShouldBeLessThan(500);
    }
}
