using KeyPortal.Access;
using KeyPortal.Access.Members;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Access.Members;

public sealed class OrganizationChangeTests
{
    [Fact]
    public async Task An_owner_renames_the_organization_and_the_log_says_from_what_to_what()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);

        (await portal.Get<OrganizationChange>().RenameAsync(cast.Alice, "  Acme Money  ")).Value.Name.ShouldBe("Acme Money");
        (await portal.Get<OrganizationChange>().RenameAsync(cast.Alice, "Acme Money")).Refusal.ShouldBeNull();

        var entry = (await portal.EntriesAsync(cast.AcmeId)).ShouldHaveSingleItem();
        entry.Action.ShouldBe("organization.updated");
        System.Text.Encoding.UTF8.GetString(entry.Bytes).ShouldContain("Acme Payments");
        (await portal.Get<Membership>().FindAsync(cast.Olaf.Id, cast.UmbraId))!.Name.ShouldBe("Umbra");
    }

    [Fact]
    public async Task Only_an_owner_does_and_a_name_is_something()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var change = portal.Get<OrganizationChange>();

        foreach (var actor in (Actor[])[cast.Andy, cast.Dora, cast.Audrey])
        {
            (await change.RenameAsync(actor, "Mine")).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
            (await change.RequireSecondFactorAsync(actor, true)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        }

        (await change.RenameAsync(cast.Alice, " ")).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/name");
        (await change.RenameAsync(cast.Alice, new string('x', 121))).Refusal!.Kind.ShouldBe(RefusalKind.Invalid);
    }

    [Fact]
    public async Task An_owner_without_a_second_factor_cannot_demand_one_of_everybody()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var change = portal.Get<OrganizationChange>();

        await portal.WithoutSecondFactorAsync(cast.Alice);
        (await change.RequireSecondFactorAsync(cast.Alice, true)).Refusal!.Code.ShouldBe("second_factor_not_set_up");
        await portal.Get<Writer>().RunAsync<bool>(write =>
        {
            write.Set<SecondFactor>().Add(new SecondFactor { UserId = cast.Alice.Id, TotpSecret = "sealed", TotpAddedAt = write.Now });
            return Task.FromResult<Outcome<bool>>(true);
        });
        (await change.RequireSecondFactorAsync(cast.Alice, true)).Value.SecondFactorRequired.ShouldBeTrue();

        (await portal.EntriesAsync(cast.AcmeId)).ShouldHaveSingleItem().Action.ShouldBe("organization.updated");
        // Dora, with a password alone, can now do nothing but set one up.
        var dora = await (await DoraAsync(SignInMethod.Password)).RequireAsync();
        (dora.May(Act.ReadKeys), dora.May(Act.ChangeOwnAccount)).ShouldBe((false, true));
        (await (await DoraAsync(SignInMethod.PasswordAndTotp)).RequireAsync()).May(Act.ReadKeys).ShouldBeTrue();

        async Task<CurrentMember> DoraAsync(SignInMethod method) => new(
            new SignedIn(await portal.SessionAsync(cast.Dora, method)), portal.Get<Sessions>(), portal.Get<Membership>(), portal.Get<TimeProvider>());
    }

    [Fact]
    public async Task A_person_names_themselves_and_nobody_else()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);

        (await portal.Get<MemberNaming>().RenameSelfAsync(cast.Dora, " Dora Diaz ")).Value.Name.ShouldBe("Dora Diaz");
        (await portal.Get<MemberNaming>().RenameSelfAsync(cast.Dora, "")).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/name");

        var entry = (await portal.EntriesAsync(cast.Dora.Id)).ShouldHaveSingleItem();
        entry.Action.ShouldBe("member.renamed");
        System.Text.Encoding.UTF8.GetString(entry.Bytes).ShouldNotContain("Dora");
    }
}
