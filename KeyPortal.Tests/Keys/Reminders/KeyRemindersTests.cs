using KeyPortal.Access.Members;
using KeyPortal.Keys;
using KeyPortal.Keys.Reminders;
using KeyPortal.Mail;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Keys.Reminders;

public sealed class KeyRemindersTests : IAsyncLifetime
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly DateTimeOffset End = TestClock.Start.AddDays(60);

    private readonly PostOffice _post = PostOffice.Open();
    private Portal _portal = null!;
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal = new Portal(_post.Settings));

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        await _post.DisposeAsync();
    }

    [Fact]
    public async Task An_expiry_is_reminded_of_fourteen_seven_and_one_day_before_to_the_second_and_once_each()
    {
        var key = await KeyAsync(_cast.Dora, End);

        foreach (var (days, words) in ((int, string)[])[(14, "in 14 days"), (7, "in 7 days"), (1, "in 1 day")])
        {
            (await SendAtAsync(End.AddDays(-days) - Second)).ShouldBe(0);
            (await SendAtAsync(End.AddDays(-days))).ShouldBe(1);
            (await SendAtAsync(End.AddDays(-days) + Second)).ShouldBe(0);
            var mail = await _post.NextAsync();
            (mail.To, mail.Subject).ShouldBe(("dora@acme.example", $"An API key expires {words}"));
            mail.Text.ShouldContain("“A key” (sk_test_");
            mail.Text.ShouldContain("20 January 2027 at 09:00 UTC");
            mail.Path.ShouldBe($"/keys/{key}");
        }

        (await SendAtAsync(End - Second)).ShouldBe(0);
        (await SendAtAsync(End)).ShouldBe(0);
    }

    [Fact]
    public async Task A_secrets_age_is_reminded_of_from_its_making_and_anew_after_a_rotation()
    {
        var key = await KeyAsync(_cast.Dora, null, days: 30);
        var due = TestClock.Start.AddDays(30);

        (await SendAtAsync(due.AddDays(-14) - Second)).ShouldBe(0);
        (await SendAtAsync(due.AddDays(-14))).ShouldBe(1);
        (await _post.NextAsync()).Subject.ShouldBe("An API key's secret is due for rotation in 14 days");
        (await _portal.Get<KeyRotation>().RotateAsync(_cast.Dora, key, new RotationInput())).Refusal.ShouldBeNull();
        var next = _portal.Clock.Now.AddDays(30);
        (await SendAtAsync(due)).ShouldBe(0);
        (await SendAtAsync(next.AddDays(-14) - Second)).ShouldBe(0);
        (await SendAtAsync(next.AddDays(-14))).ShouldBe(1);
    }

    [Fact]
    public async Task The_policys_age_counts_where_a_key_has_none_of_its_own()
    {
        await PolicyAsync(p => p.RotationAgeSeconds = 20 * 86_400);
        await KeyAsync(_cast.Dora, null);
        await KeyAsync(_cast.Dan, null, days: 90);

        (await SendAtAsync(TestClock.Start.AddDays(6) - Second)).ShouldBe(0);
        (await SendAtAsync(TestClock.Start.AddDays(6))).ShouldBe(1);
        (await _post.NextAsync()).To.ShouldBe("dora@acme.example");
    }

    [Fact]
    public async Task What_a_server_that_was_down_missed_is_told_once_the_nearest_alone()
    {
        await KeyAsync(_cast.Dora, End);

        (await SendAtAsync(End.AddHours(-5))).ShouldBe(1);
        (await SendAtAsync(End.AddHours(-4))).ShouldBe(0);

        (await _post.NextAsync()).Subject.ShouldBe("An API key expires in less than a day");
        (await SentAsync()).ShouldBe([(Deadline.Expiry, End, 1)]);
    }

    [Fact]
    public async Task An_overdue_rotation_is_told_once()
    {
        await KeyAsync(_cast.Dora, null, days: 30);

        (await SendAtAsync(TestClock.Start.AddDays(33))).ShouldBe(1);
        (await SendAtAsync(TestClock.Start.AddDays(300))).ShouldBe(0);

        var mail = await _post.NextAsync();
        mail.Subject.ShouldBe("An API key's secret is overdue for rotation");
        mail.Text.ShouldContain("should have been rotated by 21 December 2026");
    }

    [Fact]
    public async Task A_moved_expiry_reminds_anew()
    {
        var key = await KeyAsync(_cast.Dora, End);
        (await SendAtAsync(End.AddDays(-14))).ShouldBe(1);
        var moved = End.AddDays(3);
        (await _portal.Get<KeyEditing>().EditAsync(_cast.Dora, key, i => i with { Expiry = ExpiryInput.On(moved) })).Refusal.ShouldBeNull();

        (await SendAtAsync(moved.AddDays(-14) - Second)).ShouldBe(0);
        (await SendAtAsync(moved.AddDays(-14))).ShouldBe(1);
    }

    [Fact]
    public async Task Whoever_makes_a_key_for_five_days_is_not_told_at_once_that_it_will_end()
    {
        await KeyAsync(_cast.Dora, TestClock.Start.AddDays(5));

        (await SendAtAsync(TestClock.Start.AddHours(1))).ShouldBe(0);
        (await SendAtAsync(TestClock.Start.AddDays(4))).ShouldBe(1);
    }

    [Fact]
    public async Task Several_keys_of_a_member_are_in_one_mail_the_most_urgent_first()
    {
        await KeyAsync(_cast.Dora, End.AddHours(-1), name: "Later");
        await KeyAsync(_cast.Dora, End.AddHours(-2), name: "Sooner", days: 59);
        await KeyAsync(_cast.Dan, End.AddHours(-1), name: "Dan's");

        (await SendAtAsync(End.AddDays(-14))).ShouldBe(2);

        var mails = new[] { await _post.NextAsync(), await _post.NextAsync() }.ToDictionary(m => m.To);
        mails["dora@acme.example"].Subject.ShouldBe("3 deadlines of API keys");
        var text = mails["dora@acme.example"].Text;
        text.IndexOf("“Sooner”", StringComparison.Ordinal).ShouldBeLessThan(text.IndexOf("“Later”", StringComparison.Ordinal));
        text.ShouldContain("The secret of “Sooner”");
        text.ShouldNotContain("Dan's");
        mails["dan@acme.example"].Text.ShouldContain("Dan's");
    }

    [Fact]
    public async Task Keys_of_a_member_who_is_shut_out_are_the_owners_to_hear_of()
    {
        await KeyAsync(_cast.Dora, End);
        (await _portal.Get<MemberSuspension>().DisableAsync(_cast.Alice, _cast.Dora.MemberId)).Refusal.ShouldBeNull();
        while (_post.Take() is not null)
        {
        }

        (await SendAtAsync(End.AddDays(-14))).ShouldBe(1);

        PostedMail mail;
        do
        {
            mail = await _post.NextAsync();
        }
        while (!mail.Subject.Contains("expires", StringComparison.Ordinal));
        mail.To.ShouldBe("alice@acme.example");
        mail.Text.ShouldContain("no longer an active member");
    }

    [Theory]
    [InlineData("revoked")]
    [InlineData("disabled")]
    [InlineData("retiring before")]
    [InlineData("pending")]
    public async Task Nobody_is_reminded_of_a_key_that_is_out_of_use_or_ends_before(string state)
    {
        var key = await KeyAsync(_cast.Dora, End, days: 58);
        await (state switch
        {
            "revoked" => _portal.Get<KeyRevocation>().RevokeAsync(_cast.Dora, key, RevocationReason.Unspecified),
            "disabled" => _portal.Get<KeySuspension>().DisableAsync(_cast.Dora, key),
            "retiring before" => _portal.Get<KeyRevocation>().RetireAsync(_cast.Dora, key, RevocationReason.Unspecified, TimeSpan.FromDays(59)),
            _ => PendingAsync(key),
        });

        (await SendAtAsync(End.AddDays(-14))).ShouldBe(0);
        (await SentAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_rotation_that_would_come_after_the_keys_end_is_not_asked_for()
    {
        await KeyAsync(_cast.Dora, End, days: 60);

        (await SendAtAsync(End.AddDays(-14))).ShouldBe(1);
        (await SentAsync()).ShouldBe([(Deadline.Expiry, End, 14)]);
    }

    [Fact]
    public async Task Each_organization_hears_of_its_own_keys_alone()
    {
        await KeyAsync(_cast.Dora, End);
        await KeyAsync(_cast.Olaf, End, name: "Umbra's");

        (await SendAtAsync(End.AddDays(-14))).ShouldBe(2);

        var mails = new[] { await _post.NextAsync(), await _post.NextAsync() }.ToDictionary(m => m.To);
        mails["olaf@umbra.example"].Text.ShouldContain("“Umbra”");
        mails["dora@acme.example"].Text.ShouldNotContain("Umbra");
    }

    [Fact]
    public async Task Without_a_mail_server_nothing_is_done_and_later_the_reminder_still_goes_out()
    {
        await using var quiet = new Portal(("Environment", "Production"), ("KeyPortal:PublicUrl", "http://localhost")) { KeepsData = true };
        quiet.Get<Outbox>().IsRead.ShouldBeFalse();
        var cast = await Cast.EnterAsync(quiet);
        await quiet.KeyAsync(cast.Dora, with: i => i with { Expiry = ExpiryInput.On(End) });
        quiet.Clock.Set(End.AddDays(-14));

        (await quiet.Get<KeyReminders>().SendAsync()).ShouldBe(0);

        await using (var db = quiet.OpenDb())
        {
            ((await db.Set<SentReminder>().CountAsync()) + (await db.Set<OutgoingMail>().CountAsync())).ShouldBe(0);
        }

        var data = quiet.DataDirectory;
        await quiet.DisposeAsync();
        await using var mailing = new Portal([.. _post.Settings, ("KeyPortal:DataDirectory", data)]);
        mailing.Clock.Set(End.AddDays(-13));
        (await mailing.Get<KeyReminders>().SendAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_name_cannot_pass_for_a_paragraph_of_ours()
    {
        await KeyAsync(_cast.Dora, End, name: "Harmless” expires.  Click https://evil.example to keep it “");

        await SendAtAsync(End.AddDays(-14));

        (await _post.NextAsync()).Text.Split('\n').ShouldContain(line => line.StartsWith("- “Harmless” expires. Click https[:]//evil[.]example", StringComparison.Ordinal) && line.Contains("(sk_test_"));
    }

    private async Task<string> KeyAsync(Actor owner, DateTimeOffset? end, int? days = null, string name = "A key") => (await _portal.KeyAsync(owner, name, with: i => i with
    {
        Expiry = end is { } at ? ExpiryInput.On(at) : ExpiryInput.In(ExpiryChoice.Never),
        RotationAgeSeconds = days * 86_400L,
    })).Key.Id;

    private async Task<int> SendAtAsync(DateTimeOffset at)
    {
        _portal.Clock.Set(at);
        return await _portal.Get<KeyReminders>().SendAsync();
    }

    private async Task<List<(Deadline, DateTimeOffset, int)>> SentAsync()
    {
        await using var db = _portal.OpenDb();
        return [.. (await db.Set<SentReminder>().ToListAsync()).Select(r => (r.Deadline, r.DueAt, r.DaysBefore))];
    }

    private async Task PolicyAsync(Action<OrganizationPolicy> change) => await _portal.Get<Writer>().RunAsync<bool>(async write =>
    {
        change((await write.Set<Organization>().SingleAsync(o => o.Id == _cast.AcmeId)).Policy);
        return true;
    });

    private async Task PendingAsync(string key) => await _portal.Get<Writer>().RunAsync<bool>(async write =>
    {
        DateTimeOffset? asked = write.Now;
        await write.Set<ApiKey>().Where(k => k.Id == key).ExecuteUpdateAsync(k => k.SetProperty(x => x.ApprovalAskedAt, asked));
        return true;
    });
}
