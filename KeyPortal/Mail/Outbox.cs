using System.Security.Cryptography;
using System.Text.Json;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.DataProtection;

namespace KeyPortal.Mail;

/// <summary>A commit adds a mail.</summary>
internal sealed record MailAdded
{
    public static readonly MailAdded Signal = new();
}

/// <summary>
/// Takes mails in the transaction of the act they tell of, and leaves the sending to <see cref="MailSending"/>: no act waits for a mail server, and a
/// server that is down loses none.
/// </summary>
public sealed class Outbox(IDataProtectionProvider protection, MailDelivery delivery)
{
    private const int LongestName = 80;
    private readonly IDataProtector _seal = protection.CreateProtector("KeyPortal.Mail.Outbox");

    /// <summary>Is there an SMTP server, so that mails reach people? Where there is none, show on the screen what the mail would have said.</summary>
    public bool IsConfigured => delivery.Way == MailWay.Smtp;

    /// <summary>Does somebody get to read a mail at all: its recipient, or, in development, whoever reads the log?</summary>
    public bool IsRead => delivery.Way != MailWay.Nowhere;

    /// <summary>Adds a plain-text mail. Where mails go nowhere it does nothing.</summary>
    /// <exception cref="ArgumentException"><paramref name="to"/> is no e-mail address. Check it before: an account's is one.</exception>
    public void Add(WriteTransaction write, string to, string subject, string text)
    {
        var letter = new Letter(to, subject, text);
        if (IsRead)
        {
            Put(write, letter);
        }
    }

    /// <summary>
    /// Does all that <see cref="Add"/> does for a mail that is never sent: an act that must not tell by its time whether there is anybody to mail calls one or
    /// the other.
    /// </summary>
    public void AddForNobody(WriteTransaction write, string subject, string text) => Add(write, Letter.Nobody, subject, text);

    /// <summary>
    /// A name that somebody chose, for a mail's subject and text: on one line and cut, so that it cannot pass for a paragraph of ours, and without anything
    /// that a mail program would make a link of.
    /// </summary>
    public static string NameInText(string name) => NameInMail.WithoutLinks(Letter.OneLine(name, LongestName));

    /// <summary>What a service that was checked reports, such as where a key was found: on one line and cut. Its links stay links.</summary>
    public static string LineInText(string text) => Letter.OneLine(text, LongestName);

    /// <summary>Null when the ring that sealed it is gone: a backup restored without its secrets.</summary>
    internal Letter? Open(OutgoingMail mail)
    {
        try
        {
            return JsonSerializer.Deserialize<Letter>(_seal.Unprotect(mail.Sealed), JsonSerializerOptions.Default);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private void Put(WriteTransaction write, Letter letter)
    {
        write.Set<OutgoingMail>().Add(new OutgoingMail
        {
            Id = EntityId.New(OutgoingMail.IdPrefix, write.Now),
            Sealed = _seal.Protect(JsonSerializer.Serialize(letter, JsonSerializerOptions.Default)),
            CreatedAt = write.Now,
            NextAttemptAt = write.Now,
        });
        write.Announce(MailAdded.Signal);
    }
}
