using KeyPortal.Access.Members;
using KeyPortal.Keys.Policies;
using KeyPortal.Mail;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Keys.Policies;

public sealed class ApprovalMailTests
{
    [Fact]
    public async Task Owners_and_admins_are_told_of_a_request_and_the_requester_of_the_decision()
    {
        await using var post = PostOffice.Open();
        await using var portal = new Portal(post.Settings);
        var cast = await Cast.EnterAsync(portal);

        var key = await portal.PendingKeyAsync(cast, cast.Dora);

        PostedMail[] asked = [await post.NextAsync(), await post.NextAsync()];
        asked.Select(m => m.To).Order().ShouldBe(["alice@acme.example", "andy@acme.example"]);
        asked.ShouldAllBe(m => m.Subject == "A key waits for your approval" && m.Text.Contains("Dora") && m.Text.Contains("“A live key”") && m.Text.Contains("triggers:write") && m.Path == $"/keys/{key.Key.Id}");
        asked.ShouldAllBe(m => !m.Raw.Contains(key.Plaintext.Expose()));

        await portal.Get<KeyApproval>().ApproveAsync(cast.Andy, key.Key.Id);
        var told = await post.NextAsync();
        (told.To, told.Subject).ShouldBe(("dora@acme.example", "Your key was approved"));
        told.Text.ShouldContain("Andy has approved the live key “A live key”");

        var other = await portal.PendingKeyAsync(cast, cast.Alice);
        (await post.NextAsync()).To.ShouldBe("andy@acme.example", "nobody is told of what they asked for themselves");
        await portal.Get<KeyApproval>().DeclineAsync(cast.Andy, other.Key.Id, "Too much");
        var declined = await post.NextAsync();
        (declined.To, declined.Subject).ShouldBe(("alice@acme.example", "Your key was declined"));
        declined.Text.ShouldContain("The reason given: Too much");
        await portal.Get<MailSending>().SendDueAsync(CancellationToken.None);
        post.Take().ShouldBeNull();
    }

    [Fact]
    public async Task A_disabled_admin_is_told_of_nothing_and_a_flood_of_requests_makes_no_flood_of_mails()
    {
        await using var post = PostOffice.Open();
        await using var portal = new Portal([.. post.Settings, ("KeyPortal:Policy:KeysPerMember", "100")]);
        var cast = await Cast.EnterAsync(portal);
        (await portal.Get<MemberSuspension>().DisableAsync(cast.Alice, cast.Andy.Id)).Refusal.ShouldBeNull();

        for (var i = 0; i < ApprovalMails.MostRequestsAnHour + 3; i++)
        {
            await portal.PendingKeyAsync(cast, cast.Dora);
        }

        for (var i = 0; i < ApprovalMails.MostRequestsAnHour; i++)
        {
            (await post.NextAsync()).To.ShouldBe("alice@acme.example");
        }

        portal.Clock.Advance(TimeSpan.FromHours(1));
        await portal.PendingKeyAsync(cast, cast.Dora);
        (await post.NextAsync()).Subject.ShouldBe("A key waits for your approval");
        await portal.Get<MailSending>().SendDueAsync(CancellationToken.None);
        post.Take().ShouldBeNull("three requests were told by the overview alone");
    }

    [Fact]
    public async Task Twenty_people_are_told_at_most()
    {
        await using var post = PostOffice.Open();
        await using var portal = new Portal(post.Settings);
        var cast = await Cast.EnterAsync(portal);
        await portal.MembersAsync(cast.AcmeId, Role.Admin, 25);

        await portal.PendingKeyAsync(cast, cast.Dora);

        HashSet<string> told = [];
        for (var i = 0; i < ApprovalMails.MostRecipients; i++)
        {
            told.Add((await post.NextAsync()).To).ShouldBeTrue();
        }

        await portal.Get<MailSending>().SendDueAsync(CancellationToken.None);
        post.Take().ShouldBeNull();
    }
}
