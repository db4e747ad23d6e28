using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

/// <summary>What a credential may do: its scopes, cut by its owner's role, and never more than itself.</summary>
public sealed class AuthorityTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private async Task<Client> HolderAsync(Actor owner, params string[] scopes) =>
        new(_portal.CreateClient(), (await _portal.KeyAsync(owner, "Caller", with: k => k with { Scopes = scopes })).Plaintext.Expose());

    public static TheoryData<string, string> Calls => new()
    {
        { "GET", "" }, { "PUT", "" }, { "PATCH", "" }, { "DELETE", "" }, { "POST", "/revoke" }, { "POST", "/disable" }, { "POST", "/enable" },
    };

    private static Task<Answer> CallAsync(Client client, string method, string id, string suffix) =>
        client.SendAsync(new HttpMethod(method), $"{Client.Keys}/{id}{suffix}", method is "PUT" or "PATCH" ? new JsonObject { ["name"] = "taken" } : null);

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Another_organizations_key_does_not_exist(string method, string suffix)
    {
        var foreign = await _portal.KeyAsync(_cast.Olaf, "Olaf's");
        var client = await Client.OfAsync(_portal, _cast.Alice);

        (await CallAsync(client, method, foreign.Key.Id, suffix)).IsProblem(404, "not_found");
        (await CallAsync(client, method, "key_none", suffix)).IsProblem(404, "not_found");

        var view = (await _portal.Get<KeyQueries>().FindAsync(_cast.Olaf, foreign.Key.Id)).Value;
        (view.Name, view.Status).ShouldBe(("Olaf's", KeyStatus.Active));
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_developers_management_key_reaches_that_developers_keys_only(string method, string suffix)
    {
        var dans = await _portal.KeyAsync(_cast.Dan, "Dan's");
        var own = await _portal.KeyAsync(_cast.Dora, "Dora's");
        var client = await HolderAsync(_cast.Dora, "api-keys:manage");

        (await CallAsync(client, method, dans.Key.Id, suffix)).IsProblem(404, "not_found");
        (await CallAsync(client, method, own.Key.Id, suffix)).Is(HttpStatusCode.OK);

        var list = await client.GetAsync(Client.Keys);
        list["total"].GetValue<int>().ShouldBe(2);
        list["data"].AsArray().ShouldAllBe(k => k!["owner"]!["name"]!.GetValue<string>() == "Dora");
        (await _portal.Get<KeyQueries>().FindAsync(_cast.Dan, dans.Key.Id)).Value.Status.ShouldBe(KeyStatus.Active);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Without_the_scope_nothing_is_allowed_and_the_refusal_is_recorded(string method, string suffix)
    {
        var key = await _portal.KeyAsync(_cast.Alice);
        var client = await HolderAsync(_cast.Alice, "api-keys:validate", "usage:read");

        (await CallAsync(client, method, key.Key.Id, suffix)).IsProblem(403, "not_allowed");
        (await CallAsync(client, method, "key_that_is_not_there", suffix)).IsProblem(403, "not_allowed");
        (await client.GetAsync(Client.Keys)).IsProblem(403, "not_allowed");
        (await client.CreateAsync(new JsonObject { ["name"] = "x" })).IsProblem(403, "not_allowed");
        (await _portal.AuditAsync(_cast.Alice, "permission.refused")).Count.ShouldBeGreaterThanOrEqualTo(2);
    }

    [Fact]
    public async Task An_auditors_key_reads_and_changes_nothing()
    {
        var key = await _portal.KeyAsync(_cast.Alice);
        await using (var db = _portal.OpenDb())
        {
            // Dora becomes an auditor after her key was made: the role of the moment counts.
            var dora = await HolderAsync(_cast.Dora, "api-keys:manage", "api-keys:validate");
            var member = db.Set<KeyPortal.Organizations.Member>().Single(m => m.UserId == _cast.Dora.Id);
            member.Role = Role.Auditor;
            await db.SaveChangesAsync();

            (await dora.GetAsync($"{Client.Keys}/{key.Key.Id}")).Is(HttpStatusCode.OK);
            (await dora.PostAsync($"{Client.Keys}/{key.Key.Id}/revoke")).IsProblem(403, "not_allowed");
            (await dora.CreateAsync(new JsonObject { ["name"] = "x" })).IsProblem(403, "not_allowed");
            (await dora.ValidateAsync("x")).IsProblem(403, "not_allowed");
        }
    }

    [Theory]
    [InlineData("PUT", "")]
    [InlineData("PATCH", "")]
    [InlineData("DELETE", "")]
    [InlineData("POST", "/disable")]
    [InlineData("POST", "/enable")]
    [InlineData("POST", "/revoke")]
    public async Task A_key_cannot_change_itself(string method, string suffix)
    {
        var client = await Client.OfAsync(_portal, _cast.Alice);
        var self = (await client.GetAsync("/api/v1/auth/key"))["key"]["id"]!.GetValue<string>();

        (await CallAsync(client, method, self, suffix)).IsProblem(403, "own_credential");

        (await client.GetAsync($"{Client.Keys}/{self}")).Is(HttpStatusCode.OK).Text("name").ShouldBe("Management");
    }

    [Theory]
    [InlineData("audit:read")]
    [InlineData("audit:*")]
    [InlineData("usage:read")]
    [InlineData("api-keys:*")]
    [InlineData("agents:manage")]
    public async Task A_scope_of_KeyPortals_own_that_the_caller_lacks_is_not_handed_on(string scope)
    {
        var client = await HolderAsync(_cast.Alice, "api-keys:manage");
        var key = await _portal.KeyAsync(_cast.Alice);
        var body = new JsonObject { ["name"] = "x", ["scopes"] = new JsonArray(scope) };

        (await client.CreateAsync(body.DeepClone())).IsProblem(403, "scope_not_grantable");
        (await client.PatchAsync($"{Client.Keys}/{key.Key.Id}", body.DeepClone())).IsProblem(403, "scope_not_grantable");
        (await client.PutAsync($"{Client.Keys}/{key.Key.Id}", body.DeepClone())).IsProblem(403, "scope_not_grantable");

        (await _portal.AuditAsync(_cast.Alice, "permission.refused")).Count.ShouldBe(2, "one for creating, one for changing");
        (await client.CreateAsync(new JsonObject { ["name"] = "x", ["scopes"] = new JsonArray("api-keys:manage", "triggers:*") })).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_key_of_the_member_made_by_a_key_belongs_to_that_member()
    {
        var client = await HolderAsync(_cast.Dora, "api-keys:manage");
        var created = (await client.CreateAsync(new JsonObject { ["name"] = "Child" })).Is(HttpStatusCode.Created);
        created["owner"]["id"]!.GetValue<string>().ShouldBe(_cast.Dora.Id);
        created.Text("created_by").ShouldStartWith("key_");
    }
}
