using System.Net.Mail;

namespace KeyPortal.Mail;

/// <summary>What a mail says, and to whom: plain text, one recipient.</summary>
/// <remarks>Both make headers, where a line break would begin another header (RFC 5322 §2.2), so neither can hold one.</remarks>
internal sealed record Letter
{
    /// <summary>Who gets the mails that are never sent (RFC 2606 §2: no such domain will ever be).</summary>
    public const string Nobody = "nobody@keyportal.invalid";

    private const int LongestSubject = 200;

    public Letter(string to, string subject, string text)
    {
        To = !to.Any(char.IsControl) && MailAddress.TryCreate(to, out var address) && address.Address == to
            ? to
            : throw new ArgumentException("A mail's recipient is no e-mail address.", nameof(to));
        Subject = OneLine(subject, LongestSubject);
        Text = text;
    }

    public string To { get; }

    public string Subject { get; }

    public string Text { get; }

    /// <summary>
    /// A text that others wrote (a name, mostly) on one line: whatever breaks a line or turns the reading direction becomes a space. In a mail's text it
    /// keeps such a name from looking like a paragraph of ours.
    /// </summary>
    public static string OneLine(string text, int longest)
    {
        var words = string.Concat(text.Select(c => char.IsControl(c) || char.IsSeparator(c) || c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') ? ' ' : c))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var line = string.Join(' ', words);
        return line.Length <= longest ? line : line[..(char.IsHighSurrogate(line[longest - 2]) ? longest - 2 : longest - 1)] + "…";
    }

    /// <summary>Without recipient and text: it might be printed.</summary>
    public override string ToString() => nameof(Letter);
}
