using KeyPortal.Access.Members;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Setup;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Access.Members;

public sealed class InvitationBudgetTests
{
    private const string Nora = "nora@acme.example";
    private const string UsedUp = "invitations_used_up";

    [Fact]
    public async Task An_address_gets_five_a_day_however_many_organizations_invite_it()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var invitations = portal.Get<MemberInvitations>();
        await portal.InvitedAsync(cast.Alice, Nora);
        await portal.InvitedAsync(cast.Andy, "NORA@acme.example");
        await portal.InvitedAsync(cast.Olaf, Nora);
        var last = (await invitations.InviteAsync(cast.Alice, Nora, Role.Developer)).Value;
        portal.Clock.Advance(TimeSpan.FromHours(1));
        var again = (await invitations.ResendAsync(cast.Alice, last.Id)).Value;

        var refused = (await invitations.InviteAsync(cast.Olaf, Nora, Role.Developer)).Refusal.ShouldNotBeNull();
        (refused.Kind, refused.Code, refused.RetryAfter).ShouldBe((RefusalKind.TooMany, UsedUp, TimeSpan.FromHours(23)));
        refused.Detail.ShouldBe("This address got 5 invitations in the last 24 hours, which is the most. Try again in 23 hours.");
        (await invitations.ResendAsync(cast.Alice, last.Id)).Refusal!.Code.ShouldBe(UsedUp);
        (await invitations.InviteAsync(cast.Olaf, "nina@acme.example", Role.Developer)).Refusal.ShouldBeNull("another address");
        (await portal.Get<OpenInvitations>().FindAsync(again.Token.Expose(), Origin.None)).Refusal.ShouldBeNull("a refusal leaves the link that was sent");

        portal.Clock.Advance(TimeSpan.FromHours(23));
        (await invitations.InviteAsync(cast.Olaf, Nora, Role.Developer)).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Founding_another_organization_gives_nobody_more_invitations()
    {
        await using var portal = new Portal(("KeyPortal:Invitations:PerMember", "3"));
        var cast = await Cast.EnterAsync(portal);
        var invitations = portal.Get<MemberInvitations>();
        var garden = (await portal.Get<Founding>().FoundAsync(cast.Olaf, "Olaf's garden")).Value;
        await portal.InvitedAsync(cast.Olaf, "one@guest.example");
        await portal.InvitedAsync(garden, "two@guest.example");
        var third = (await invitations.InviteAsync(garden, "three@guest.example", Role.Auditor)).Value;

        (await invitations.InviteAsync(cast.Olaf, "four@guest.example", Role.Developer)).Refusal!.Code.ShouldBe(UsedUp);
        (await invitations.ResendAsync(garden, third.Id)).Refusal!.Code.ShouldBe(UsedUp);
        var fresh = (await portal.Get<Founding>().FoundAsync(cast.Olaf, "Olaf's field")).Value;
        (await invitations.InviteAsync(fresh, "four@guest.example", Role.Developer)).Refusal!.Code.ShouldBe(UsedUp);
        (await invitations.InviteAsync(cast.Alice, "four@guest.example", Role.Developer)).Refusal.ShouldBeNull("somebody else's are their own");
    }

    [Fact]
    public async Task An_organization_has_a_budget_that_its_members_share()
    {
        await using var portal = new Portal(("KeyPortal:Invitations:PerOrganization", "2"));
        var cast = await Cast.EnterAsync(portal);
        var invitations = portal.Get<MemberInvitations>();
        await portal.InvitedAsync(cast.Alice, "one@guest.example");
        await portal.InvitedAsync(cast.Andy, "two@guest.example");

        (await invitations.InviteAsync(cast.Andy, "three@guest.example", Role.Developer)).Refusal!.Detail.ShouldStartWith("Your organization sent 2 invitations");
        (await invitations.InviteAsync(cast.Olaf, "three@guest.example", Role.Developer)).Refusal.ShouldBeNull("another organization");
    }

    [Fact]
    public async Task Of_many_at_once_no_more_than_the_budget_are_sent_and_a_refused_one_changes_nothing()
    {
        await using var portal = new Portal(("KeyPortal:Invitations:PerMember", "4"));
        var cast = await Cast.EnterAsync(portal);
        var invitations = portal.Get<MemberInvitations>();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => invitations.InviteAsync(cast.Alice, $"guest{i}@guest.example", Role.Developer))));

        outcomes.Count(o => o.Refusal is null).ShouldBe(4);
        outcomes.Where(o => o.Refusal is not null).ShouldAllBe(o => o.Refusal!.Code == UsedUp);
        await using var db = portal.OpenDb();
        (await db.Set<Invitation>().CountAsync()).ShouldBe(4);
        (await db.Set<AuditEntry>().CountAsync(e => e.Action == "member.invited")).ShouldBe(4);
    }
}
