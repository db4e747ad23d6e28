using System.Net.Mail;

namespace KeyPortal.Access;

public static class Email
{
    /// <summary>Has the form of an address (RFC 5321, unquoted): something before one <c>@</c>, a domain after it, no display name. Whether it exists, only a mail tells.</summary>
    public static bool IsAddress(string text) =>
        !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '<' or '>' or '"' or ',' or '(' or ')')
        && MailAddress.TryCreate(text, out var address) && address.Address == text && address.Host.Contains('.', StringComparison.Ordinal);
}
