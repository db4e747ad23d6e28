using System.Net.Mail;

namespace KeyPortal.Access;

public static class Email
{
    /// <summary>RFC 5321 §4.5.3.1.3: a path of 256 octets, angle brackets included.</summary>
    public const int MaxLength = 254;

    /// <summary>Has the form of an address (RFC 5321, unquoted): something before one <c>@</c>, a domain after it, no display name. Whether it exists, only a mail tells.</summary>
    public static bool IsAddress(string text) =>
        text.Length <= MaxLength
        && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || char.IsSurrogate(c) || c is '<' or '>' or '"' or ',' or '(' or ')' or '[' or ']' or '\u200B')
        && MailAddress.TryCreate(text, out var address) && address.Address == text && IsDomain(address.Host);

    private static bool IsDomain(string host) =>
        host.Contains('.', StringComparison.Ordinal) && !host.EndsWith('.') && Uri.CheckHostName(host) == UriHostNameType.Dns;
}
