using KeyPortal.Access.Members;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Access.Members;

public sealed class InvitationTests
{
    private const string Nora = "nora@acme.example";

    [Fact]
    public async Task An_invitation_is_kept_without_its_token_and_recorded_without_the_address()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);

        var sent = (await portal.Get<MemberInvitations>().InviteAsync(cast.Andy, Nora, Role.Auditor)).Value;

        (sent.IsMailed, sent.Path).ShouldBe((false, "/invitation#" + sent.Token.Expose()));
        sent.ToString().ShouldNotContain(sent.Token.Expose());
        await using var db = portal.OpenDb();
        var row = await db.Set<Invitation>().SingleAsync();
        (row.Role, row.InvitedBy, row.ExpiresAt - row.CreatedAt).ShouldBe((Role.Auditor, cast.Andy.Id, TimeSpan.FromHours(72)));
        row.TokenHash.ShouldBe(sent.Token.Hash);
        var entry = (await portal.EntriesAsync(sent.Id)).ShouldHaveSingleItem();
        entry.Action.ShouldBe("member.invited");
        System.Text.Encoding.UTF8.GetString(entry.Bytes).ShouldNotContain("nora", Case.Insensitive);
    }

    [Fact]
    public async Task Where_there_is_a_mail_server_the_link_goes_to_the_address_alone()
    {
        await using var post = PostOffice.Open();
        await using var portal = new Portal(post.Settings);
        var cast = await Cast.EnterAsync(portal);

        var sent = (await portal.Get<MemberInvitations>().InviteAsync(cast.Alice, Nora, Role.Developer)).Value;

        sent.IsMailed.ShouldBeTrue();
        var mail = await post.NextAsync();
        (mail.To, mail.Subject).ShouldBe((Nora, "Alice invites you to Acme Payments"));
        mail.Text.ShouldContain(portal.Get<KeyPortal.Access.PublicAddress>().Link(sent.Path));
        mail.Text.ShouldContain("as a developer");
    }

    [Fact]
    public async Task An_organization_named_like_an_address_puts_no_link_into_its_mails()
    {
        await using var post = PostOffice.Open();
        await using var portal = new Portal(post.Settings);
        var cast = await Cast.EnterAsync(portal);
        await portal.Get<OrganizationChange>().RenameAsync(cast.Alice, "Acmé\r\nBcc: all@evil.example\r\n\r\nLocked, see https://evil.example");

        await portal.InvitedAsync(cast.Alice, Nora);

        var mail = await post.NextAsync();
        mail.Header("Bcc").ShouldBeEmpty();
        mail.Subject.ShouldBe("Alice invites you to Acmé Bcc: all@evil[.]example Locked, see https[:]//evil[.]example");
        mail.Text.ShouldNotContain("evil.example");
    }

    [Theory]
    [InlineData("")]
    [InlineData("nora")]
    [InlineData("nora@acme")]
    [InlineData("Nora <nora@acme.example>")]
    [InlineData("nora@acme.example\r\nBcc: all@acme.example")]
    public async Task What_is_no_address_is_refused(string email)
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);

        (await portal.Get<MemberInvitations>().InviteAsync(cast.Alice, email, Role.Developer)).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/email");
    }

    [Fact]
    public async Task An_address_of_a_member_is_refused_however_it_is_written()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var invitations = portal.Get<MemberInvitations>();

        (await invitations.InviteAsync(cast.Alice, "DORA@acme.example", Role.Developer)).Refusal!.Code.ShouldBe("already_member");
        await portal.Get<MemberSuspension>().DisableAsync(cast.Alice, cast.Dora.Id);
        (await invitations.InviteAsync(cast.Alice, "dora@acme.example", Role.Developer)).Refusal!.Detail.ShouldContain("disabled");
        (await invitations.InviteAsync(cast.Alice, "olaf@umbra.example", Role.Developer)).Refusal.ShouldBeNull("a member elsewhere");
    }

    [Fact]
    public async Task Only_who_manages_members_invites_and_only_an_owner_invites_an_owner()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var invitations = portal.Get<MemberInvitations>();

        foreach (var actor in (Actor[])[cast.Dora, cast.Audrey])
        {
            (await invitations.InviteAsync(actor, Nora, Role.Developer)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        }

        (await invitations.InviteAsync(cast.Andy, Nora, Role.Owner)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await portal.EntriesAsync(cast.AcmeId)).Count(e => e.Action == "permission.refused").ShouldBe(3);
        var owners = (await invitations.InviteAsync(cast.Alice, Nora, Role.Owner)).Value;
        (await invitations.ResendAsync(cast.Andy, owners.Id)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await invitations.WithdrawAsync(cast.Andy, owners.Id)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
    }

    [Fact]
    public async Task A_second_invitation_to_an_address_replaces_the_first()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var first = await portal.InvitedAsync(cast.Alice, Nora);
        var second = await portal.InvitedAsync(cast.Alice, "Nora@ACME.example", Role.Admin);

        (await portal.Get<OpenInvitations>().FindAsync(first, Origin.None)).Refusal!.Code.ShouldBe("invitation_over");
        (await portal.Get<OpenInvitations>().FindAsync(second, Origin.None)).Value.Role.ShouldBe(Role.Admin);
        (await portal.Get<MemberQueries>().InvitationsAsync(cast.Alice)).Value.ShouldHaveSingleItem().Role.ShouldBe(Role.Admin);
    }

    [Fact]
    public async Task Sent_again_it_has_a_new_link_and_new_time_and_the_old_link_is_void()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var invitations = portal.Get<MemberInvitations>();
        var first = (await invitations.InviteAsync(cast.Alice, Nora, Role.Developer)).Value;
        portal.Clock.Advance(TimeSpan.FromHours(100));

        var again = (await invitations.ResendAsync(cast.Andy, first.Id)).Value;

        again.Id.ShouldBe(first.Id);
        (await portal.Get<OpenInvitations>().FindAsync(first.Token.Expose(), Origin.None)).Refusal.ShouldNotBeNull();
        (await portal.Get<OpenInvitations>().FindAsync(again.Token.Expose(), Origin.None)).Value.InvitedByName.ShouldBe("Andy");
        (await portal.EntriesAsync(first.Id)).Select(e => e.Action).ShouldBe(["member.invited", "invitation.resent"]);
    }

    [Fact]
    public async Task Withdrawn_it_opens_nothing_and_can_neither_be_sent_again_nor_withdrawn_twice()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var invitations = portal.Get<MemberInvitations>();
        var sent = (await invitations.InviteAsync(cast.Alice, Nora, Role.Developer)).Value;

        (await invitations.WithdrawAsync(cast.Olaf, sent.Id)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound, "another organization's");
        (await invitations.WithdrawAsync(cast.Andy, sent.Id)).Refusal.ShouldBeNull();

        (await portal.Get<OpenInvitations>().FindAsync(sent.Token.Expose(), Origin.None)).Refusal!.Code.ShouldBe("invitation_over");
        (await invitations.WithdrawAsync(cast.Andy, sent.Id)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await invitations.ResendAsync(cast.Andy, sent.Id)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await portal.EntriesAsync(sent.Id)).Select(e => e.Action).ShouldBe(["member.invited", "invitation.withdrawn"]);
    }

    [Fact]
    public async Task An_invitation_to_be_an_owner_is_replaced_by_owners_only()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var invitations = portal.Get<MemberInvitations>();
        var sent = (await invitations.InviteAsync(cast.Alice, Nora, Role.Owner)).Value;

        (await invitations.InviteAsync(cast.Andy, Nora.ToUpperInvariant(), Role.Developer)).Refusal!.Code.ShouldBe("not_allowed");

        (await portal.Get<OpenInvitations>().FindAsync(sent.Token.Expose(), Origin.None)).Refusal.ShouldBeNull();
        (await portal.EntriesAsync(cast.AcmeId)).ShouldContain(e => e.Action == "permission.refused" && e.ActorId == cast.Andy.Id);
        (await invitations.InviteAsync(cast.Alice, Nora, Role.Developer)).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task The_hundred_and_first_has_to_wait_until_one_is_withdrawn()
    {
        await using var portal = new Portal(("KeyPortal:Invitations:PerMember", "1000"));
        var cast = await Cast.EnterAsync(portal);
        var invitations = portal.Get<MemberInvitations>();
        var first = (await invitations.InviteAsync(cast.Alice, "guest0@acme.example", Role.Developer)).Value;
        for (var i = 1; i < MemberInvitations.MostPending; i++)
        {
            await portal.InvitedAsync(cast.Alice, $"guest{i}@acme.example");
        }

        (await invitations.InviteAsync(cast.Alice, Nora, Role.Developer)).Refusal!.Code.ShouldBe("too_many_invitations");
        (await invitations.InviteAsync(cast.Alice, "guest7@acme.example", Role.Admin)).Refusal.ShouldBeNull("it replaces one");
        await invitations.WithdrawAsync(cast.Alice, first.Id);
        (await invitations.InviteAsync(cast.Alice, Nora, Role.Developer)).Refusal.ShouldBeNull();
    }
}
