using KeyPortal.Mail;
using KeyPortal.Primitives;
using KeyPortal.Storage;

namespace KeyPortal.Access;

/// <summary>What is mailed about passwords.</summary>
public sealed class PasswordMails(Outbox outbox, PublicAddress address)
{
    private const string LinkSubject = "Set a new KeyPortal password";

    public bool AreRead => outbox.IsRead;

    /// <summary>
    /// The link that sets a new password. Its token stands behind the <c>#</c>, which browsers keep to themselves: no server and no proxy on the way writes it
    /// into a log (RFC 9110 §4.2.5).
    /// </summary>
    public void AddLink(WriteTransaction write, string to, string name, SecretToken token) => outbox.Add(write, to, LinkSubject, LinkText(name, token));

    /// <summary>The same work for a mail that is never sent.</summary>
    public void AddLinkForNobody(WriteTransaction write, SecretToken token) => outbox.AddForNobody(write, LinkSubject, LinkText("Nobody", token));

    /// <summary>Tells the owner of an account that its password is another one now.</summary>
    public void AddChanged(WriteTransaction write, string to, string name, Origin origin) => outbox.Add(write, to, "Your KeyPortal password was changed", $"""
        Hello {Outbox.NameInText(name)},

        the password of your account at {address.Name} was changed on {write.Now:d MMMM yyyy} at {write.Now:HH:mm} UTC{(origin.Ip is { } ip ? $", from the address {ip}" : "")}. Your other sessions were ended.

        If it was not you, set a new one at once:

        {address.Link(PasswordRecovery.AskPath)}
        """);

    private string LinkText(string name, SecretToken token) => $"""
        Hello {Outbox.NameInText(name)},

        somebody, most likely you, asked for a new password for your account at {address.Name}. This link sets it. It works once, within 30 minutes:

        {address.Link($"{PasswordRecovery.ResetPath}#{token.Expose()}")}

        If it was not you, do nothing. Your password stays as it is.
        """;
}
