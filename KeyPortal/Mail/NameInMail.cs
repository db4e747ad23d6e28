using System.Globalization;
using System.Text.RegularExpressions;

namespace KeyPortal.Mail;

/// <summary>
/// Names in mails, so that they are read as names. Whoever founds an organization names it as they like and has KeyPortal mail that name to anybody they
/// invite: mail programs would turn <c>Your account is locked, see evil.example</c> into a link in a mail that is otherwise true.
/// </summary>
internal static partial class NameInMail
{
    /// <summary>
    /// The name with every word that a mail program might take for an address broken as people break those that nobody shall click: <c>evil[.]example</c>.
    /// It stays legible, for firms are called Booking.com.
    /// </summary>
    public static string WithoutLinks(string name)
    {
        var words = name.Split(' ');
        for (var i = 0; i < words.Length; i++)
        {
            // Characters without width (U+200B and the like) would hide an address from this and not from everybody's mail program.
            var bare = string.Concat(words[i].Where(c => CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.Format));
            if (Address().IsMatch(bare))
            {
                words[i] = Breaks().Replace(bare, "[$0]");
            }
        }

        return string.Join(' ', words);
    }

    /// <summary>
    /// With a scheme, two slashes or backslashes (which Outlook takes for a server), an IPv4 address, or a name with a dot inside, be it one of the dots that
    /// browsers read as such (RFC 3490 §3.1). Neither <c>J. R. Smith</c> nor <c>U.S.A.</c> nor <c>2.0</c>.
    /// </summary>
    [GeneratedRegex(@"^[a-z][a-z0-9+.-]*:.|//|\\\\|\d+(\.\d+){3}|^www[.。．｡․]|[\p{L}\p{M}\p{N}_-][.。．｡․]\p{L}[\p{L}\p{M}\p{N}-]", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Address();

    [GeneratedRegex(@"[.。．｡․:\\]")]
    private static partial Regex Breaks();
}
