using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Access.Members;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

/// <summary>Keys of a member without a second factor, in an organization that demands one of everybody.</summary>
public sealed class OwnersSecondFactorTests : IAsyncLifetime
{
    private const string Missing = "second_factor_not_set_up";
    private readonly Portal _portal = new();
    private Cast _cast = null!;
    private Client _doras = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _doras = await HolderAsync(_cast.Dora);
        await _portal.WithoutSecondFactorAsync(_cast.Dora);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Such_a_key_manages_nothing_until_its_owner_has_one_or_it_is_demanded_no_more()
    {
        (await _doras.CreateAsync(new JsonObject { ["name"] = "Before" })).Is(HttpStatusCode.Created);
        await DemandAsync(true);

        (await _doras.CreateAsync(new JsonObject { ["name"] = "New" })).IsProblem(403, Missing).Text("detail").ShouldContain("the owner of this key has none");
        (await _doras.GetAsync(Client.Keys)).IsProblem(403, Missing);
        (await _doras.GetAsync(Client.Keys + "/key_none")).IsProblem(403, Missing);
        (await _portal.AuditAsync(_cast.Alice, "permission.refused")).ShouldNotBeEmpty();

        await DemandAsync(false);
        (await _doras.GetAsync(Client.Keys)).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Keys_of_those_who_have_one_go_on()
    {
        await DemandAsync(true);

        (await (await HolderAsync(_cast.Dan)).CreateAsync(new JsonObject { ["name"] = "New" })).Is(HttpStatusCode.Created);
        (await (await Client.OfAsync(_portal, _cast.Olaf)).GetAsync(Client.Keys)).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Validations_go_on_by_such_a_key_and_of_such_a_key()
    {
        await DemandAsync(true);

        (await _doras.ValidateAsync(_doras.Key)).Is(HttpStatusCode.OK).Code.ShouldBe("valid");
        (await _doras.GetAsync("/api/v1/auth/key")).Is(HttpStatusCode.OK);
        (await (await Client.OfAsync(_portal, _cast.Alice)).ValidateAsync(_doras.Key)).Code.ShouldBe("valid");
    }

    private async Task<Client> HolderAsync(KeyPortal.Primitives.Actor owner) =>
        new(_portal.CreateClient(), (await _portal.KeyAsync(owner, "Caller", with: k => k with { Scopes = ["api-keys:manage", "api-keys:validate"] })).Plaintext.Expose());

    private async Task DemandAsync(bool required) => (await _portal.Get<OrganizationChange>().RequireSecondFactorAsync(_cast.Alice, required)).Refusal.ShouldBeNull();
}
