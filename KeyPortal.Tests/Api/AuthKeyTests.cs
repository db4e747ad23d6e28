using System.Net;
using KeyPortal.Keys;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;

namespace KeyPortal.Tests.Api;

public sealed class AuthKeyTests
{
    [Fact]
    public async Task Asking_who_a_key_is_counts_as_a_call_of_that_key()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = await portal.KeyAsync(cast.Alice);
        var client = new Client(portal.CreateClient(), key.Plaintext.Expose());

        (await client.GetAsync("/api/v1/auth/key")).Is(HttpStatusCode.OK);
        await portal.Get<KeyRevocation>().RevokeAsync(cast.Alice, key.Key.Id, RevocationReason.Superseded);
        (await client.GetAsync("/api/v1/auth/key")).IsProblem(401, "unauthenticated");

        var usage = (await portal.Get<UsageQueries>().SummaryAsync(cast.Alice, UsagePeriod.Hours24, key.Key.Id)).Value;
        usage.Current.ShouldBe(new UsageTotals(Calls: 2, Refused: 1));
    }

    [Fact]
    public async Task A_publishable_key_learns_who_it_is_from_its_own_origin_only()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = await portal.KeyAsync(cast.Alice, type: KeyType.Publishable, with: i => i with { AllowedOrigins = ["https://app.example.com"] });

        (await AskAsync(portal, key, "https://app.example.com")).ShouldBe(HttpStatusCode.OK);
        (await AskAsync(portal, key, "https://evil.example")).ShouldBe(HttpStatusCode.Unauthorized);
        (await AskAsync(portal, key, null)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_publishable_key_learns_nothing_of_the_people_behind_it()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = await portal.KeyAsync(cast.Alice, type: KeyType.Publishable, with: i => i with { Description = "for the shop", Tags = ["internal"], Metadata = new Dictionary<string, string> { ["contact"] = "bob" } });

        var told = await new Client(portal.CreateClient(), key.Plaintext.Expose()).GetAsync("/api/v1/auth/key");

        told.Is(HttpStatusCode.OK);
        var text = told.Json!.ToJsonString();
        new[] { "Alice", "for the shop", "internal", "bob" }.ShouldAllBe(secret => !text.Contains(secret));
        text.ShouldContain(key.Key.Id);
    }

    private static async Task<HttpStatusCode> AskAsync(Portal portal, IssuedKey key, string? origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/auth/key");
        request.Headers.Add("X-API-Key", key.Plaintext.Expose());
        request.Headers.Add("Origin", origin is null ? [] : [origin]);
        return (await portal.CreateClient().SendAsync(request)).StatusCode;
    }
}
