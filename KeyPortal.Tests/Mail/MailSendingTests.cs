using KeyPortal.Mail;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Mail;

public sealed class MailSendingTests
{
    private const string Alice = "alice@acme.example";

    [Fact]
    public async Task A_mail_waits_for_a_server_that_is_down_and_goes_out_once_it_is_up()
    {
        var closed = PostOffice.Open();
        await using var portal = new Portal(closed.Settings);
        await closed.DisposeAsync();

        await OutboxTests.AddAsync(portal, Alice, "Late");
        await RoundAsync(portal);

        var row = (await OutboxTests.WaitingAsync(portal)).ShouldHaveSingleItem();
        (row.Attempts, row.NextAttemptAt).ShouldBe((1, TestClock.Start + TimeSpan.FromMinutes(1)));
        row.LastError.ShouldNotBeNullOrEmpty();

        await using var post = PostOffice.Open(closed.Port);
        await RoundAsync(portal);
        post.Take().ShouldBeNull("it is not due yet");
        portal.Clock.Advance(TimeSpan.FromMinutes(1));
        await RoundAsync(portal);
        (await post.NextAsync()).Subject.ShouldBe("Late");
        await OutboxTests.EmptyAsync(portal);
    }

    [Fact]
    public async Task The_pauses_grow_and_after_a_day_the_mail_is_given_up()
    {
        await using var post = PostOffice.Open();
        post.RecipientReply = "450 <alice@acme.example>: greylisted";
        using var lines = new LogLines();
        await using var portal = new Portal(post.Settings) { Logs = lines };
        await OutboxTests.AddAsync(portal, Alice);

        List<double> hours = [];
        while (hours.Count < 20)
        {
            await RoundAsync(portal);
            if ((await OutboxTests.WaitingAsync(portal)).SingleOrDefault() is not { } row)
            {
                break;
            }

            hours.Add((row.NextAttemptAt - TestClock.Start).TotalHours);
            portal.Clock.Set(row.NextAttemptAt);
        }

        hours.Select(h => Math.Round(h * 60)).ShouldBe([1, 6, 36, 156, 516, 876, 1236, 1440]);
        post.RecipientReply = "250 OK";
        portal.Clock.Advance(TimeSpan.FromDays(1));
        await RoundAsync(portal);
        post.Take().ShouldBeNull();
        lines.All.ShouldContain(l => l.Contains("is given up: the mail server answered 450"));
        lines.All.ShouldAllBe(l => !l.Contains("alice", StringComparison.OrdinalIgnoreCase), "no line names the recipient");
    }

    [Fact]
    public async Task A_mail_that_no_server_takes_holds_up_no_other()
    {
        await using var post = PostOffice.Open();
        await using var portal = new Portal(post.Settings);
        post.RecipientReply = "450 Later";
        await OutboxTests.AddAsync(portal, "bob@acme.example");
        await RoundAsync(portal);
        post.RecipientReply = "250 OK";

        await OutboxTests.AddAsync(portal, Alice, "Next");

        (await post.NextAsync()).Subject.ShouldBe("Next");
        await RoundAsync(portal);
        (await OutboxTests.WaitingAsync(portal)).ShouldHaveSingleItem().Attempts.ShouldBe(1);
    }

    [Fact]
    public async Task Mails_of_many_acts_at_once_each_arrive_once()
    {
        await using var post = PostOffice.Open();
        await using var portal = new Portal(post.Settings);

        portal.StartServer();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => OutboxTests.AddAsync(portal, Alice, $"Mail {i}"))));

        List<string> arrived = [];
        for (var i = 0; i < 20; i++)
        {
            arrived.Add((await post.NextAsync()).Subject);
        }

        await OutboxTests.EmptyAsync(portal);
        arrived.Order().ShouldBe(Enumerable.Range(0, 20).Select(i => $"Mail {i}").Order());
        post.Take().ShouldBeNull();
    }

    [Fact]
    public async Task Mails_that_wait_outlive_a_restart()
    {
        var closed = PostOffice.Open();
        string data;
        await using (var before = new Portal(closed.Settings) { KeepsData = true })
        {
            await closed.DisposeAsync();
            data = before.DataDirectory;
            await OutboxTests.AddAsync(before, Alice, "From before");
            await RoundAsync(before);
        }

        await using var post = PostOffice.Open();
        await using var after = new Portal([.. post.Settings, ("KeyPortal:DataDirectory", data)]);
        after.Clock.Advance(TimeSpan.FromMinutes(1));
        await RoundAsync(after);
        (await post.NextAsync()).Subject.ShouldBe("From before");
    }

    [Fact]
    public async Task A_mail_whose_seal_is_lost_is_dropped_and_holds_up_no_other()
    {
        await using var post = PostOffice.Open();
        await using var portal = new Portal(post.Settings);
        await using (var db = portal.OpenDb())
        {
            db.Add(new OutgoingMail { Id = "mail_1", Sealed = "CfDJ8Nonsense", CreatedAt = TestClock.Start, NextAttemptAt = TestClock.Start });
            await db.SaveChangesAsync();
        }

        await OutboxTests.AddAsync(portal, Alice, "After it");

        (await post.NextAsync()).Subject.ShouldBe("After it");
        await OutboxTests.EmptyAsync(portal);
    }

    [Fact]
    public async Task In_development_without_a_server_the_log_is_the_letter_box()
    {
        using var lines = new LogLines();
        await using var portal = new Portal { Logs = lines };
        (portal.Get<Outbox>().IsConfigured, portal.Get<Outbox>().IsRead).ShouldBe((false, true));

        await OutboxTests.AddAsync(portal, Alice, "Read me here", "The text");
        await OutboxTests.EmptyAsync(portal);

        var line = lines.All.Where(l => l.Contains("Mail sink")).ShouldHaveSingleItem();
        foreach (var part in (string[])[Alice, "Read me here", "The text"])
        {
            line.ShouldContain(part);
        }
    }

    [Fact]
    public async Task In_production_without_a_server_nothing_is_kept_and_the_start_says_so()
    {
        using var lines = new LogLines();
        await using var portal = new Portal(("environment", "Production")) { Logs = lines };

        await OutboxTests.AddAsync(portal, Alice, "A subject", "The text");

        (portal.Get<Outbox>().IsConfigured, portal.Get<Outbox>().IsRead).ShouldBe((false, false));
        (await OutboxTests.WaitingAsync(portal)).ShouldBeEmpty();
        lines.All.Count(l => l.Contains("No mail server is set")).ShouldBe(1);
        lines.All.ShouldAllBe(l => !l.Contains("A subject") && !l.Contains("The text"));
    }

    private static Task RoundAsync(Portal portal) => portal.Get<MailSending>().SendDueAsync(CancellationToken.None);
}
