using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Setup;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Setup;

public sealed class FoundingTests
{
    [Fact]
    public async Task Any_member_founds_an_organization_of_their_own_and_keeps_the_old_place()
    {
        await using var portal = new Portal(("KeyPortal:Policy:KeysPerMember", "7"));
        var cast = await Cast.EnterAsync(portal);

        var owner = (await portal.Get<Founding>().FoundAsync(cast.Audrey, " Audrey's own ")).Value;

        (owner.Role, owner.Name, owner.MemberId).ShouldBe((Role.Owner, "Audrey", cast.Audrey.Id));
        (await portal.Get<Membership>().OfAsync(cast.Audrey.Id)).Select(p => (p.Name, p.Role)).ShouldBe([("Acme Payments", Role.Auditor), ("Audrey's own", Role.Owner)]);
        (await portal.Get<ScopeCatalogue>().ListAsync(owner)).Count.ShouldBe(10);
        (await portal.Get<Membership>().PolicyAsync(owner.OrganizationId)).KeysPerMember.ShouldBe(7);
        (await portal.EntriesAsync(owner.OrganizationId)).ShouldHaveSingleItem().Action.ShouldBe("organization.created");
        (await portal.EntriesAsync(cast.Audrey.Id)).ShouldHaveSingleItem().OrganizationId.ShouldBe(owner.OrganizationId, "Acme's log is not concerned");
        (await portal.Get<KeyQueries>().CountAsync(owner)).Value.Total.ShouldBe(0);
    }

    [Fact]
    public async Task A_key_founds_nothing_nor_does_a_person_own_more_than_twenty()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var founding = portal.Get<Founding>();

        (await founding.FoundAsync(cast.Alice with { Type = ActorType.ApiKey, Scopes = OwnScopes.All }, "A key's")).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await founding.FoundAsync(cast.Alice, "")).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/name");
        for (var i = 1; i < Founding.MostOwned; i++)
        {
            (await founding.FoundAsync(cast.Alice, $"Number {i}")).Refusal.ShouldBeNull();
        }

        (await founding.FoundAsync(cast.Alice, "One more")).Refusal!.Code.ShouldBe("too_many_organizations");
    }
}
