using KeyPortal.Mail;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Mail;

public sealed class OutboxTests
{
    private const string Alice = "alice@acme.example";

    [Fact]
    public async Task A_mail_reaches_the_server_whole_and_leaves_the_outbox()
    {
        await using var post = PostOffice.Open();
        await using var portal = new Portal(post.Settings);
        portal.Get<Outbox>().IsConfigured.ShouldBeTrue();
        const string Text = "Grüezi Alice\n\n.a line with a dot before it\nhttps://keys.example.com/reset-password/"
            + "0123456789012345678901234567890123456789012?and=more than one line of quoted-printable holds\n";

        await AddAsync(portal, Alice, "Ein Schlüssel für “Acme” – und ein langer Betreff, der über eine Zeile hinausgeht, weil Namen lang sind", Text);

        var mail = await post.NextAsync();
        (mail.From, mail.To).ShouldBe(("keys@acme.example", Alice));
        mail.Subject.ShouldBe("Ein Schlüssel für “Acme” – und ein langer Betreff, der über eine Zeile hinausgeht, weil Namen lang sind");
        mail.Text.TrimEnd().ShouldBe(Text.TrimEnd());
        mail.Header("Content-Type").ShouldStartWith("text/plain; charset=utf-8");
        mail.Header("Auto-Submitted").ShouldBe("auto-generated");
        mail.Header("Message-ID").ShouldMatch("^<mail_[0-9a-z]+@acme.example>$");
        mail.Header("From").ShouldContain("KeyPortal");
        await EmptyAsync(portal);
    }

    [Fact]
    public async Task What_waits_is_unreadable_in_the_database()
    {
        await using var post = PostOffice.Open();
        post.RecipientReply = "450 Later";
        await using var portal = new Portal(post.Settings);

        await AddAsync(portal, Alice, "A subject", "A link that opens an account");
        await portal.Get<MailSending>().SendDueAsync(CancellationToken.None);

        var row = (await WaitingAsync(portal)).ShouldHaveSingleItem();
        foreach (var part in (string[])["alice", "acme", "subject", "link"])
        {
            (row.Sealed + row.LastError).ShouldNotContain(part, Case.Insensitive);
        }
    }

    [Fact]
    public async Task An_act_that_is_refused_sends_no_mail()
    {
        await using var post = PostOffice.Open();
        await using var portal = new Portal(post.Settings);
        await portal.Get<Writer>().RunAsync<bool>(write =>
        {
            portal.Get<Outbox>().Add(write, Alice, "Never", "Never");
            return Task.FromResult<Outcome<bool>>(Refusal.NotFound("thing"));
        });

        await AddAsync(portal, Alice, "The first", "Text");

        (await post.NextAsync()).Subject.ShouldBe("The first");
    }

    [Theory]
    [InlineData("alice@acme.example\r\nBcc: mallory@evil.example")]
    [InlineData("alice@acme.example\nRCPT TO:<mallory@evil.example>")]
    [InlineData("alice@acme.example, mallory@evil.example")]
    [InlineData("Mallory <mallory@evil.example>")]
    [InlineData("nobody")]
    [InlineData("")]
    public async Task An_address_that_is_none_or_more_than_one_is_not_taken(string to)
    {
        await using var portal = new Portal();

        await Should.ThrowAsync<ArgumentException>(() => AddAsync(portal, to, "Subject", "Text"));
    }

    [Fact]
    public async Task A_line_break_in_a_subject_begins_no_header()
    {
        await using var post = PostOffice.Open();
        await using var portal = new Portal(post.Settings);

        await AddAsync(portal, Alice, "Join Acme\r\nBcc: mallory@evil.example\r\n\r\n<p>\u2028\u0085\u202Etxt", "Text");

        var mail = await post.NextAsync();
        mail.Subject.ShouldBe("Join Acme Bcc: mallory@evil.example <p> txt");
        mail.Header("Bcc").ShouldBeEmpty();
        mail.Text.Trim().ShouldBe("Text");
    }

    [Fact]
    public void A_name_in_a_text_stays_on_one_line_and_is_cut()
    {
        Outbox.NameInText("Acme\n\nYour account is locked. Wait").ShouldBe("Acme Your account is locked. Wait");
        Outbox.NameInText(new string('x', 79) + "😀y").ShouldBe(new string('x', 79) + "…");
        Outbox.NameInText(new string('x', 78) + "😀y").ShouldBe(new string('x', 78) + "…");
        Outbox.NameInText(new string('x', 80)).ShouldBe(new string('x', 80));
    }

    [Theory]
    [InlineData("Locked: see https://evil.example/x?y=1", "Locked: see https[:]//evil[.]example/x?y=1")]
    [InlineData("http://intranet", "http[:]//intranet")]
    [InlineData("WWW.evil", "WWW[.]evil")]
    [InlineData("see (evil.example), now", "see (evil[.]example), now")]
    [InlineData("evil.xn--p1ai", "evil[.]xn--p1ai")]
    [InlineData("почта.рф", "почта[.]рф")]
    [InlineData("evil。example evil．example evil｡example evil․example", "evil[。]example evil[．]example evil[｡]example evil[․]example")]
    [InlineData("evil\u200B.ex\u00ADample", "evil[.]example")]
    [InlineData("help@evil.example", "help@evil[.]example")]
    [InlineData("mailto:eve tel:1234", "mailto[:]eve tel[:]1234")]
    [InlineData(@"\\evil\share", @"[\][\]evil[\]share")]
    [InlineData("10.0.0.1", "10[.]0[.]0[.]1")]
    [InlineData("Booking.com", "Booking[.]com")]
    [InlineData("J. R. Smith, U.S.A., Acme: Payments 2.0 & Söhne…", "J. R. Smith, U.S.A., Acme: Payments 2.0 & Söhne…")]
    public void A_name_in_a_mail_is_no_link(string name, string shown) => Outbox.NameInText(name).ShouldBe(shown);

    internal static async Task AddAsync(Portal portal, string to, string subject = "Subject", string text = "Text") => (await portal.Get<Writer>().RunAsync<bool>(write =>
    {
        portal.Get<Outbox>().Add(write, to, subject, text);
        return Task.FromResult<Outcome<bool>>(true);
    })).Refusal.ShouldBeNull();

    internal static async Task<List<OutgoingMail>> WaitingAsync(Portal portal)
    {
        await using var db = portal.OpenDb();
        return await db.Set<OutgoingMail>().AsNoTracking().ToListAsync();
    }

    /// <summary>Waits for the sender to be done with its round, in which the row of a mail that was taken goes.</summary>
    internal static async Task EmptyAsync(Portal portal)
    {
        await portal.Get<MailSending>().SendDueAsync(CancellationToken.None);
        (await WaitingAsync(portal)).ShouldBeEmpty();
    }
}
