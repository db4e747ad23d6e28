using KeyPortal.Access;
using KeyPortal.Access.Members;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Access.Members;

public sealed class MemberSuspensionTests
{
    [Fact]
    public async Task A_disabled_member_is_nobody_until_enabled_and_both_are_recorded()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var (suspension, membership) = (portal.Get<MemberSuspension>(), portal.Get<Membership>());

        (await suspension.DisableAsync(cast.Andy, cast.Dora.Id)).Refusal.ShouldBeNull();
        (await membership.FindAsync(cast.Dora.Id, cast.AcmeId)).ShouldBeNull();
        (await suspension.DisableAsync(cast.Andy, cast.Dora.Id)).Refusal.ShouldBeNull("asking again changes nothing");
        (await suspension.EnableAsync(cast.Andy, cast.Dora.Id)).Refusal.ShouldBeNull();
        (await membership.FindAsync(cast.Dora.Id, cast.AcmeId)).ShouldNotBeNull();

        (await portal.EntriesAsync(cast.Dora.Id)).Select(e => e.Action).ShouldBe(["member.disabled", "member.enabled"]);
    }

    [Fact]
    public async Task The_sessions_of_a_member_with_no_place_left_end_and_stay_ended()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var session = await portal.SessionAsync(cast.Dora);

        await portal.Get<MemberSuspension>().DisableAsync(cast.Alice, cast.Dora.Id);
        await portal.Get<MemberSuspension>().EnableAsync(cast.Alice, cast.Dora.Id);

        (await portal.Get<Sessions>().FindLiveAsync(session.SessionId, session.UserId)).ShouldBeNull();
        (await portal.Get<SignIn>().WithPasswordAsync("dora@acme.example", Cast.Password, SessionKind.Browser, Origin.None)).Outcome.ShouldBe(SignInOutcome.SecondFactorRequired);
    }

    [Fact]
    public async Task Whoever_has_another_place_stays_signed_in_there()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        await portal.OlafJoinsAcmeAsync(cast);
        var session = await portal.SessionAsync(cast.Olaf);

        await portal.Get<MemberSuspension>().DisableAsync(cast.Alice, cast.Olaf.Id);

        (await portal.Get<Sessions>().FindLiveAsync(session.SessionId, session.UserId)).ShouldNotBeNull();
        (await portal.Get<Membership>().OfAsync(cast.Olaf.Id)).ShouldHaveSingleItem().Id.ShouldBe(cast.UmbraId);
    }

    [Fact]
    public async Task A_disabled_member_with_no_other_place_cannot_sign_in()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);

        await portal.Get<MemberSuspension>().DisableAsync(cast.Alice, cast.Dora.Id);

        (await portal.Get<SignIn>().WithPasswordAsync("dora@acme.example", Cast.Password, SessionKind.Browser, Origin.None)).Outcome.ShouldBe(SignInOutcome.InvalidCredentials);
    }

    [Fact]
    public async Task Not_an_owner_by_an_admin_nor_the_last_owner_nor_oneself_nor_by_a_developer()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var suspension = portal.Get<MemberSuspension>();

        (await suspension.DisableAsync(cast.Andy, cast.Alice.Id)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await suspension.DisableAsync(cast.Alice, cast.Alice.Id)).Refusal!.Code.ShouldBe("last_owner");
        (await suspension.DisableAsync(cast.Andy, cast.Andy.Id)).Refusal!.Code.ShouldBe("own_membership");
        (await suspension.DisableAsync(cast.Dora, cast.Dan.Id)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await suspension.EnableAsync(cast.Audrey, cast.Dan.Id)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
    }

    [Theory]
    [InlineData("disable")]
    [InlineData("demote")]
    public async Task What_a_member_could_not_invite_any_more_is_withdrawn(string how)
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var backDoor = await portal.InvitedAsync(cast.Andy, "friend@evil.example", Role.Admin);
        var other = await portal.InvitedAsync(cast.Alice, "nora@acme.example");

        _ = how == "disable"
            ? await portal.Get<MemberSuspension>().DisableAsync(cast.Alice, cast.Andy.Id)
            : await portal.Get<MemberRoles>().ChangeAsync(cast.Alice, cast.Andy.Id, Role.Auditor);

        (await portal.Get<OpenInvitations>().FindAsync(backDoor, Origin.None)).Refusal!.Code.ShouldBe("invitation_over");
        (await portal.Get<OpenInvitations>().FindAsync(other, Origin.None)).Refusal.ShouldBeNull();
    }
}
