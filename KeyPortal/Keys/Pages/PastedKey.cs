using System.Text.RegularExpressions;

namespace KeyPortal.Keys.Pages;

/// <summary>
/// People paste whole keys into search boxes. What they paste is cut to the start before it is shown again, searched, or put in the URL, where
/// browsers, proxies and logs would keep it.
/// </summary>
public static partial class PastedKey
{
    /// <summary>The start of the key in <paramref name="text"/> (<c>KEY=sk_live_…</c> and <c>Bearer sk_live_…</c> too), else the text as it is.</summary>
    /// <remarks>
    /// A key with a typo or a missing end is cut as well: most of its secret is still in it. Nothing is lost by that, for no list knows more of a
    /// key than its start.
    /// </remarks>
    public static string Cut(string text)
    {
        foreach (Match word in Word().Matches(text))
        {
            if (PlaintextKey.TryParse(word.Value, out var key))
            {
                return key.Start;
            }
        }

        return Damaged().Match(text) is { Success: true } damaged ? damaged.Groups["start"].Value : text;
    }

    [GeneratedRegex("[0-9A-Za-z_]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();

    [GeneratedRegex("(?<start>([a-z][a-z0-9]{1,11}_)?(sk|pk|ak)_(test|live)_[0-9A-Za-z]{6})[0-9A-Za-z]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Damaged();
}
