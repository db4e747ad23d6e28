using System.Net;
using System.Net.Mail;
using System.Text;
using Microsoft.Extensions.Options;

namespace KeyPortal.Mail;

/// <summary>Where mails go.</summary>
public enum MailWay
{
    /// <summary>To the SMTP server of the settings.</summary>
    Smtp,

    /// <summary>Into the log, whole: development without a server.</summary>
    Log,
    Nowhere,
}

/// <summary>Hands one mail over.</summary>
public sealed partial class MailDelivery(IOptions<MailSettings> settings, IHostEnvironment environment, ILogger<MailDelivery> logger)
{
    public MailWay Way { get; } = !string.IsNullOrEmpty(settings.Value.Host) ? MailWay.Smtp : environment.IsDevelopment() ? MailWay.Log : MailWay.Nowhere;

    /// <exception cref="SmtpException">The server cannot be reached or does not take the mail.</exception>
    internal async Task SendAsync(string id, Letter letter, CancellationToken cancellationToken)
    {
        if (Way == MailWay.Log)
        {
            Log.Sink(logger, letter.To, letter.Subject, letter.Text);
        }
        else if (Way == MailWay.Smtp)
        {
            using var message = Message(id, letter);
            // A connection a mail: they are few, and none is kept open that the server would drop.
            using var client = Client(letter);
            await client.SendMailAsync(message, cancellationToken);
        }
    }

    private SmtpClient Client(Letter letter)
    {
        var to = settings.Value;
        return new SmtpClient(to.Host, to.Port)
        {
            EnableSsl = to.Security == MailSettings.StartTls,
            UseDefaultCredentials = false,
            Credentials = to.UserName is null ? null : new NetworkCredential(to.UserName, to.Password),
            // SMTPUTF8 (RFC 6531) only where the address needs it: a server on the way that lacks it would send the mail back.
            DeliveryFormat = Ascii.IsValid(letter.To) ? SmtpDeliveryFormat.SevenBit : SmtpDeliveryFormat.International,
        };
    }

    private MailMessage Message(string id, Letter letter)
    {
        var from = new MailAddress(settings.Value.From!);
        var message = new MailMessage(from, new MailAddress(letter.To))
        {
            Subject = letter.Subject,
            SubjectEncoding = Encoding.UTF8,
            Body = letter.Text,
            BodyEncoding = Encoding.UTF8,
            BodyTransferEncoding = System.Net.Mime.TransferEncoding.QuotedPrintable,
        };
        // The same at every attempt, so that a mail that was taken twice is known for one (RFC 5322 §3.6.4).
        message.Headers.Add("Message-ID", $"<{id}@{new System.Globalization.IdnMapping().GetAscii(from.Host)}>");
        // Nobody's out-of-office note shall answer (RFC 3834 §5).
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Mail sink, for no mail server is set: a mail to {To}, {Subject}\n\n{Text}\n")]
        public static partial void Sink(ILogger logger, string to, string subject, string text);
    }
}
