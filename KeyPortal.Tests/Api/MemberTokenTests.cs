using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Access;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Api;

/// <summary>What a person may do by access token: what their role allows, where they are a member.</summary>
public sealed class MemberTokenTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;
    private Client _client = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _client = new Client(_portal.CreateClient(), null);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private async Task<Client> SignedInAsync(Actor person) => _client.WithToken((await _portal.TokensAsync(person)).AccessToken);

    [Fact]
    public async Task Every_call_on_keys_works_by_token_with_the_role_of_the_person()
    {
        var (alice, audrey, dora) = (await SignedInAsync(_cast.Alice), await SignedInAsync(_cast.Audrey), await SignedInAsync(_cast.Dora));
        var created = (await alice.CreateAsync(new JsonObject { ["name"] = "Alice's" })).Is(HttpStatusCode.Created);
        var path = $"{Client.Keys}/{created.Text("id")}";

        (await alice.PatchAsync(path, new JsonObject { ["description"] = "changed" })).Is(HttpStatusCode.OK);
        (await alice.PostAsync(path + "/disable")).Is(HttpStatusCode.OK);
        (await alice.PostAsync(path + "/enable")).Is(HttpStatusCode.OK);
        (await alice.ValidateAsync(created.Text("key"))).Is(HttpStatusCode.OK).Code.ShouldBe("valid");
        (await audrey.GetAsync(path)).Is(HttpStatusCode.OK);
        (await audrey.PostAsync(path + "/revoke")).IsProblem(403, "not_allowed");
        (await audrey.CreateAsync(new JsonObject { ["name"] = "Audrey's" })).IsProblem(403, "not_allowed");
        (await audrey.ValidateAsync(created.Text("key"))).IsProblem(403, "not_allowed");
        (await dora.GetAsync(path)).IsProblem(404, "not_found");
        (await dora.CreateAsync(new JsonObject { ["name"] = "Dora's" })).Is(HttpStatusCode.Created);
        (await alice.PostAsync(path + "/revoke")).Is(HttpStatusCode.OK);

        var refused = (await _portal.AuditAsync(_cast.Alice, "permission.refused")).Where(e => e.ActorId == _cast.Audrey.Id).ToList();
        refused.ShouldNotBeEmpty();
        refused.ShouldAllBe(e => e.ActorType == "member");
    }

    [Fact]
    public async Task A_token_is_no_key_and_cannot_ask_which_key_it_is() => (await (await SignedInAsync(_cast.Alice)).GetAsync("/api/v1/auth/key")).IsProblem(401, "unauthenticated");

    [Fact]
    public async Task A_member_of_several_organizations_names_one()
    {
        await JoinAsync(_cast.Alice, _cast.UmbraId, Role.Auditor);
        var alice = await SignedInAsync(_cast.Alice);
        var (acme, umbra) = ($"?organization_id={_cast.AcmeId}", $"?organization_id={_cast.UmbraId}");

        (await alice.GetAsync(Client.Keys)).IsProblem(422, "validation_failed").Pointers.ShouldBe("/organization_id");
        (await alice.CreateAsync(new JsonObject { ["name"] = "x" })).IsProblem(422, "validation_failed");
        (await alice.GetAsync(Client.Keys + acme)).Is(HttpStatusCode.OK);
        (await alice.GetAsync(Client.Keys + umbra)).Is(HttpStatusCode.OK);
        (await alice.PostAsync(Client.Keys + acme, new JsonObject { ["name"] = "x" })).Is(HttpStatusCode.Created).Text("organization_id").ShouldBe(_cast.AcmeId);
        (await alice.PostAsync(Client.Keys + acme, new JsonObject { ["name"] = "x", ["organization_id"] = _cast.AcmeId })).Is(HttpStatusCode.Created);
        (await alice.PostAsync(Client.Keys + acme, new JsonObject { ["name"] = "x", ["organization_id"] = _cast.UmbraId })).IsProblem(404, "not_found");
        (await alice.PostAsync(Client.Keys + umbra, new JsonObject { ["name"] = "x" })).IsProblem(403, "not_allowed");
        (await alice.GetAsync(Client.Keys + "?organization_id=org_none")).IsProblem(404, "not_found");
        (await alice.GetAsync($"{Client.Keys}{acme}&organization_id={_cast.UmbraId}")).IsProblem(404, "not_found");
    }

    [Fact]
    public async Task A_member_of_one_may_name_it_and_no_other()
    {
        var alice = await SignedInAsync(_cast.Alice);

        (await alice.GetAsync($"{Client.Keys}?organization_id={_cast.AcmeId}")).Is(HttpStatusCode.OK);
        (await alice.GetAsync($"{Client.Keys}?organization_id={_cast.UmbraId}")).IsProblem(404, "not_found");
    }

    [Fact]
    public async Task Where_a_member_is_disabled_is_no_organization_of_theirs()
    {
        await JoinAsync(_cast.Alice, _cast.UmbraId, Role.Auditor);
        var alice = await SignedInAsync(_cast.Alice);
        await using (var db = _portal.OpenDb())
        {
            await db.Set<Member>().Where(m => m.UserId == _cast.Alice.Id && m.OrganizationId == _cast.AcmeId)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.State, MemberState.Disabled), TestContext.Current.CancellationToken);
        }

        (await alice.GetAsync($"{Client.Keys}?organization_id={_cast.AcmeId}")).IsProblem(404, "not_found");
        (await alice.GetAsync(Client.Keys)).Is(HttpStatusCode.OK)["data"].AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task After_a_change_of_rights_a_refreshed_token_works_with_the_new_ones()
    {
        var pair = await _portal.TokensAsync(_cast.Andy);
        (await _portal.Get<Writer>().RunAsync<bool>(async write =>
        {
            (await write.Set<Member>().SingleAsync(m => m.UserId == _cast.Andy.Id)).Role = Role.Auditor;
            await Sessions.VoidTokensAsync(write, _cast.Andy.Id);
            return true;
        }, TestContext.Current.CancellationToken)).Refusal.ShouldBeNull();

        (await _client.WithToken(pair.AccessToken).GetAsync(Client.Keys)).IsProblem(401, "unauthenticated");
        var next = (await _client.PostAsync("/api/v1/auth/refresh", new JsonObject { ["refresh_token"] = pair.RefreshToken.Expose() })).Is(HttpStatusCode.OK).Text("access_token");
        (await _client.WithToken(next).GetAsync(Client.Keys)).Is(HttpStatusCode.OK);
        (await _client.WithToken(next).CreateAsync(new JsonObject { ["name"] = "x" })).IsProblem(403, "not_allowed");
    }

    [Fact]
    public async Task Acting_keeps_a_session_alive_and_idling_ends_it()
    {
        var pair = await _portal.TokensAsync(_cast.Alice);
        var client = _client.WithToken(pair.AccessToken);
        _portal.Clock.Advance(TimeSpan.FromMinutes(14));
        (await client.GetAsync(Client.Keys)).Is(HttpStatusCode.OK);

        await using (var db = _portal.OpenDb())
        {
            (await db.Set<Session>().SingleAsync(TestContext.Current.CancellationToken)).LastSeenAt.ShouldBe(_portal.Clock.Now);
        }

        _portal.Clock.Advance(TimeSpan.FromMinutes(1));
        (await client.GetAsync(Client.Keys)).IsProblem(401, "unauthenticated");
        _portal.Clock.Advance(TimeSpan.FromMinutes(59));
        (await _client.PostAsync("/api/v1/auth/refresh", new JsonObject { ["refresh_token"] = pair.RefreshToken.Expose() })).IsProblem(401, "invalid_refresh_token");
    }

    [Fact]
    public async Task A_key_and_a_token_together_are_two_credentials()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Client.Keys)
        {
            Headers = { { "X-API-Key", await _portal.ManagementKeyAsync(_cast.Alice) }, { "Authorization", "Bearer " + (await _portal.TokensAsync(_cast.Alice)).AccessToken } },
        };

        (await _client.SendAsync(request)).IsProblem(400, "ambiguous_credential");
    }

    private async Task JoinAsync(Actor person, string organizationId, Role role)
    {
        await using var db = _portal.OpenDb();
        db.Set<Member>().Add(new Member { OrganizationId = organizationId, UserId = person.Id, Name = person.Name, Role = role, JoinedAt = _portal.Clock.Now });
        await db.SaveChangesAsync();
    }
}
