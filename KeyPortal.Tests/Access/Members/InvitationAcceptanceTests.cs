using KeyPortal.Access;
using KeyPortal.Access.Members;
using KeyPortal.Offboarding;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Access.Members;

public sealed class InvitationAcceptanceTests
{
    private const string Nora = "nora@acme.example";
    private static readonly NewAccount Account = new("Nora Nowak", "seven quiet herons at dawn");

    [Fact]
    public async Task Somebody_new_gets_an_account_a_place_and_a_session()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var token = await portal.InvitedAsync(cast.Andy, Nora, Role.Auditor);

        var session = (await portal.Get<InvitationAcceptance>().AcceptAsync(token, Account, new Origin("203.0.113.9", "a browser", "req_1"))).Value;

        session.OrganizationId.ShouldBe(cast.AcmeId);
        (await portal.Get<Sessions>().FindLiveAsync(session.SessionId, session.UserId)).ShouldNotBeNull();
        var place = (await portal.Get<Membership>().FindAsync(session.UserId, cast.AcmeId))!;
        (place.Role, place.MemberName).ShouldBe((Role.Auditor, "Nora Nowak"));
        (await portal.Get<SignIn>().WithPasswordAsync(Nora, Account.Password, SessionKind.Browser, Origin.None)).Outcome.ShouldBe(SignInOutcome.SignedIn);
        var joined = (await portal.EntriesAsync(session.UserId))[0];
        joined.Action.ShouldBe("member.joined");
        System.Text.Encoding.UTF8.GetString(joined.Bytes).ShouldContain($"\"invited_by\":\"{cast.Andy.Id}\"");
        System.Text.Encoding.UTF8.GetString(joined.Bytes).ShouldNotContain("nora", Case.Insensitive);
    }

    [Fact]
    public async Task Of_twenty_who_use_one_link_at_once_one_gets_in()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var token = await portal.InvitedAsync(cast.Alice, Nora);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() =>
            portal.Get<InvitationAcceptance>().AcceptAsync(token, Account with { Name = $"Nora {i}" }, Origin.None))));

        outcomes.Count(o => o.Refusal is null).ShouldBe(1);
        await using var db = portal.OpenDb();
        (await db.Set<IdentityUser>().CountAsync(u => u.NormalizedEmail == "NORA@ACME.EXAMPLE")).ShouldBe(1);
        (await db.Set<Member>().CountAsync(m => m.Name.StartsWith("Nora"))).ShouldBe(1);
    }

    [Fact]
    public async Task Of_twenty_joins_of_one_who_has_an_account_one_counts()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var token = await portal.InvitedAsync(cast.Alice, "olaf@umbra.example", Role.Admin);
        var session = await portal.SessionAsync(cast.Olaf);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => portal.Get<InvitationAcceptance>().AcceptAsync(token, session, Origin.None))));

        outcomes.Count(o => o.Refusal is null).ShouldBe(1);
        outcomes.Single(o => o.Refusal is null).Value.ShouldBe(session with { OrganizationId = cast.AcmeId });
        (await portal.EntriesAsync(cast.Olaf.Id)).Count(e => e.Action == "member.joined").ShouldBe(1);
        (await portal.Get<Membership>().OfAsync(cast.Olaf.Id)).Select(p => p.Name).ShouldBe(["Acme Payments", "Umbra"]);
    }

    [Theory]
    [InlineData(72 * 3600 - 1, true)]
    [InlineData(72 * 3600, false)]
    [InlineData(72 * 3600 + 1, false)]
    public async Task A_link_is_good_for_72_hours(int seconds, bool good)
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var token = await portal.InvitedAsync(cast.Alice, Nora);

        portal.Clock.Advance(TimeSpan.FromSeconds(seconds));

        (await portal.Get<OpenInvitations>().FindAsync(token, Origin.None)).Refusal?.Code.ShouldBe("invitation_over");
        ((await portal.Get<InvitationAcceptance>().AcceptAsync(token, Account, Origin.None)).Refusal is null).ShouldBe(good);
    }

    [Fact]
    public async Task Unknown_used_withdrawn_and_expired_links_are_answered_alike()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var (offers, invitations) = (portal.Get<OpenInvitations>(), portal.Get<MemberInvitations>());
        var used = await portal.InvitedAsync(cast.Alice, Nora);
        await portal.Get<InvitationAcceptance>().AcceptAsync(used, Account, Origin.None);
        var withdrawn = (await invitations.InviteAsync(cast.Alice, "a@acme.example", Role.Admin)).Value;
        await invitations.WithdrawAsync(cast.Alice, withdrawn.Id);
        var expired = await portal.InvitedAsync(cast.Alice, "b@acme.example");
        portal.Clock.Advance(Invitation.GoodFor);

        foreach (var token in (string?[])[used, withdrawn.Token.Expose(), expired, SecretToken.New().Expose(), "short", "", null])
        {
            (await offers.FindAsync(token, Origin.None)).Refusal.ShouldBe(OpenInvitations.Over);
            (await portal.Get<InvitationAcceptance>().AcceptAsync(token, Account, Origin.None)).Refusal.ShouldBe(OpenInvitations.Over);
        }
    }

    [Fact]
    public async Task An_address_that_tries_many_wrong_links_has_to_wait()
    {
        await using var portal = new Portal(("KeyPortal:Guesses:PerAddress", "5"));
        var cast = await Cast.EnterAsync(portal);
        var token = await portal.InvitedAsync(cast.Alice, Nora);
        var (guesser, other) = (new Origin("203.0.113.66", null, null), new Origin("203.0.113.67", null, null));
        for (var i = 0; i < 8; i++)
        {
            (await portal.Get<OpenInvitations>().FindAsync(token, other)).Refusal.ShouldBeNull("a right one costs nothing");
        }

        for (var i = 0; i < 5; i++)
        {
            (await portal.Get<OpenInvitations>().FindAsync(SecretToken.New().Expose(), guesser)).Refusal!.Code.ShouldBe("invitation_over");
        }

        (await portal.Get<OpenInvitations>().FindAsync(token, guesser)).Refusal!.Code.ShouldBe("too_many_attempts");
    }

    [Fact]
    public async Task Rules_of_the_form_are_named_and_use_nothing_up()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var token = await portal.InvitedAsync(cast.Alice, Nora);

        (await portal.Get<InvitationAcceptance>().AcceptAsync(token, new NewAccount(" ", "short"), Origin.None)).Refusal!.Errors.Select(e => e.Pointer).ShouldBe(["/name", "/password"]);

        (await portal.Get<InvitationAcceptance>().AcceptAsync(token, Account, Origin.None)).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task An_account_that_exists_is_never_taken_over_by_a_link()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var token = await portal.InvitedAsync(cast.Alice, "olaf@umbra.example");

        (await portal.Get<InvitationAcceptance>().AcceptAsync(token, Account, Origin.None)).Refusal!.Code.ShouldBe("account_exists");
        var dora = await portal.SessionAsync(cast.Dora);
        (await portal.Get<InvitationAcceptance>().AcceptAsync(token, dora, Origin.None)).Refusal!.Code.ShouldBe("other_account");

        (await portal.Get<SignIn>().WithPasswordAsync("olaf@umbra.example", Cast.Password, SessionKind.Browser, Origin.None)).Outcome.ShouldBe(SignInOutcome.SecondFactorRequired);
        (await portal.Get<Membership>().OfAsync(cast.Olaf.Id)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_removed_member_signs_in_again_only_to_accept_and_gets_the_old_row_back()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        await portal.WithoutSecondFactorAsync(cast.Dora);
        await portal.Get<MemberRemoval>().RemoveAsync(cast.Alice, cast.Dora.Id, new KeyFate.Revoke());
        (await SignInAsync(SessionKind.Browser)).Outcome.ShouldBe(SignInOutcome.InvalidCredentials);
        var token = await portal.InvitedAsync(cast.Alice, "dora@acme.example", Role.Auditor);

        (await SignInAsync(SessionKind.Api)).Outcome.ShouldNotBe(SignInOutcome.SignedIn, "there is nothing for a program to accept");
        var session = (await SignInAsync(SessionKind.Browser)).Session!;
        (await portal.Get<Membership>().FindAsync(session.UserId, session.OrganizationId)).ShouldBeNull("signed in, and nothing is open");
        (await portal.Get<InvitationAcceptance>().AcceptAsync(token, session, Origin.None)).Refusal.ShouldBeNull();

        var member = await portal.MemberRowAsync(cast.AcmeId, cast.Dora.Id);
        (member.State, member.Role, member.Name).ShouldBe((MemberState.Active, Role.Auditor, "Dora"));

        Task<KeyPortal.Access.SignInResult> SignInAsync(SessionKind kind) => portal.Get<SignIn>().WithPasswordAsync("dora@acme.example", Cast.Password, kind, Origin.None);
    }
}
