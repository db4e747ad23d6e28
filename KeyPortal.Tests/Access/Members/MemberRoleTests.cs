using KeyPortal.Access;
using KeyPortal.Access.Members;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Offboarding;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Access.Members;

public sealed class MemberRoleTests
{
    [Fact]
    public async Task An_admin_makes_a_developer_an_auditor_and_the_log_says_from_what_to_what()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);

        (await portal.Get<MemberRoles>().ChangeAsync(cast.Andy, cast.Dora.Id, Role.Auditor)).Value.Role.ShouldBe(Role.Auditor);

        var entry = (await portal.EntriesAsync(cast.Dora.Id)).ShouldHaveSingleItem();
        (entry.Action, entry.ActorId).ShouldBe(("member.role_changed", cast.Andy.Id));
        System.Text.Encoding.UTF8.GetString(entry.Bytes).ShouldContain("""
            "details":{"after":{"role":"auditor"},"before":{"role":"developer"}}
            """.Trim());
        (await portal.Get<Membership>().FindAsync(cast.Dora.Id, cast.AcmeId))!.Role.ShouldBe(Role.Auditor);
    }

    [Fact]
    public async Task The_role_one_has_already_is_no_change_and_no_entry()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);

        (await portal.Get<MemberRoles>().ChangeAsync(cast.Alice, cast.Dora.Id, Role.Developer)).Refusal.ShouldBeNull();

        (await portal.EntriesAsync(cast.Dora.Id)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Dora")]
    [InlineData("Audrey")]
    public async Task Developers_and_auditors_change_no_role_and_their_attempt_is_recorded(string who)
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var actor = who == "Dora" ? cast.Dora : cast.Audrey;

        (await portal.Get<MemberRoles>().ChangeAsync(actor, cast.Dan.Id, Role.Owner)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);

        (await portal.EntriesAsync(cast.Dan.Id)).ShouldHaveSingleItem().Action.ShouldBe("permission.refused");
    }

    [Fact]
    public async Task Only_an_owner_makes_or_unmakes_an_owner()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var roles = portal.Get<MemberRoles>();

        (await roles.ChangeAsync(cast.Andy, cast.Dora.Id, Role.Owner)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await roles.ChangeAsync(cast.Andy, cast.Alice.Id, Role.Developer)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        var refused = (await portal.EntriesAsync(cast.Alice.Id)).ShouldHaveSingleItem();
        System.Text.Encoding.UTF8.GetString(refused.Bytes).ShouldContain("manage_owners");
        (await roles.ChangeAsync(cast.Alice, cast.Dora.Id, Role.Owner)).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Nobody_changes_their_own_role_but_an_owner_who_steps_down_beside_another()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var roles = portal.Get<MemberRoles>();

        (await roles.ChangeAsync(cast.Andy, cast.Andy.Id, Role.Developer)).Refusal!.Code.ShouldBe("own_role");
        (await roles.ChangeAsync(cast.Alice, cast.Alice.Id, Role.Admin)).Refusal!.Code.ShouldBe("last_owner");
        (await roles.ChangeAsync(cast.Alice, cast.Andy.Id, Role.Owner)).Refusal.ShouldBeNull();
        (await roles.ChangeAsync(cast.Alice, cast.Alice.Id, Role.Admin)).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Another_organizations_member_does_not_exist()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);

        (await portal.Get<MemberRoles>().ChangeAsync(cast.Olaf, cast.Dora.Id, Role.Auditor)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await portal.Get<MemberSuspension>().DisableAsync(cast.Olaf, cast.Dora.Id)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await portal.Get<MemberRemoval>().RemoveAsync(cast.Olaf, cast.Dora.Id, new KeyFate.Revoke())).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await portal.Get<Membership>().FindAsync(cast.Dora.Id, cast.AcmeId))!.Role.ShouldBe(Role.Developer);
    }

    [Fact]
    public async Task A_role_that_is_none_is_refused()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);

        (await portal.Get<MemberRoles>().ChangeAsync(cast.Alice, cast.Dora.Id, (Role)17)).Refusal!.Kind.ShouldBe(RefusalKind.Invalid);
    }

    [Fact]
    public async Task Of_owners_who_all_demote_disable_and_remove_each_other_at_once_one_is_left()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        Actor[] owners = [cast.Alice, cast.Andy with { Role = Role.Owner }, cast.Dora with { Role = Role.Owner }, cast.Dan with { Role = Role.Owner }, cast.Audrey with { Role = Role.Owner }];
        foreach (var other in owners[1..])
        {
            (await portal.Get<MemberRoles>().ChangeAsync(cast.Alice, other.Id, Role.Owner)).Refusal.ShouldBeNull();
        }

        var attempts = Enumerable.Range(0, 50).Select(i => Task.Run(async () =>
        {
            var (actor, other) = (owners[i % 5], owners[(i * 3 + i / 5) % 5]);
            return (i % 4) switch
            {
                0 => (await portal.Get<MemberRoles>().ChangeAsync(actor, other.Id, Role.Developer)).Refusal,
                1 => (await portal.Get<MemberSuspension>().DisableAsync(actor, other.Id)).Refusal,
                2 => (await portal.Get<MemberRemoval>().RemoveAsync(actor, other.Id, new KeyFate.Revoke())).Refusal,
                _ => (await portal.Get<MemberRemoval>().LeaveAsync(actor, new KeyFate.Revoke())).Refusal,
            };
        }));
        var refusals = await Task.WhenAll(attempts);

        refusals.Count(r => r is null).ShouldBeGreaterThanOrEqualTo(4);
        await using var db = portal.OpenDb();
        (await db.Set<Member>().CountAsync(m => m.OrganizationId == cast.AcmeId && m.Role == Role.Owner && m.State == MemberState.Active)).ShouldBe(1);
    }

    [Fact]
    public async Task A_member_demoted_a_moment_ago_acts_with_the_role_of_now()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        await portal.Get<MemberRoles>().ChangeAsync(cast.Alice, cast.Andy.Id, Role.Developer);

        // Andy's page was drawn before; its actor still says admin.
        (await portal.Get<MemberSuspension>().DisableAsync(cast.Andy, cast.Dora.Id)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await portal.Get<MemberInvitations>().InviteAsync(cast.Andy, "friend@evil.example", Role.Admin)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
    }

    [Fact]
    public async Task A_new_role_reaches_a_key_that_is_in_the_cache()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = await portal.ManagementKeyAsync(cast.Andy);
        var callers = portal.Get<CallerAuthentication>();
        (await callers.AuthenticateAsync(key, Origin.None)).Value.Actor.Role.ShouldBe(Role.Admin);

        await portal.Get<MemberRoles>().ChangeAsync(cast.Alice, cast.Andy.Id, Role.Auditor);
        var caller = (await callers.AuthenticateAsync(key, Origin.None)).Value.Actor;
        caller.Role.ShouldBe(Role.Auditor);
        caller.May(Act.CreateKeys).ShouldBeFalse();

        await portal.Get<MemberSuspension>().DisableAsync(cast.Alice, cast.Andy.Id);
        (await callers.AuthenticateAsync(key, Origin.None)).Refusal.ShouldNotBeNull("its owner is shut out");
        await portal.Get<MemberSuspension>().EnableAsync(cast.Alice, cast.Andy.Id);
        (await callers.AuthenticateAsync(key, Origin.None)).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task A_change_voids_access_tokens_and_tells_open_pages()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var session = (await portal.Get<SessionBeginning>().BeginAsync(cast.Dora.Id, SessionKind.Api, SignInMethod.PasswordAndTotp, Origin.None)).Value;
        List<string> told = [];
        portal.Get<SessionChanges>().Changed += told.Add;

        await portal.Get<MemberRoles>().ChangeAsync(cast.Alice, cast.Dora.Id, Role.Admin);

        (await portal.Get<Sessions>().FindLiveAsync(session.SessionId, session.UserId))!.Generation.ShouldBe(1);
        told.ShouldContain(cast.Dora.Id);
    }
}
