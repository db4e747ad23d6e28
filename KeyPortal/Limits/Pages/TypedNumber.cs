using System.Globalization;
using System.Text.RegularExpressions;

namespace KeyPortal.Limits.Pages;

/// <summary>Reads a whole number as people type it: <c>10000</c>, and as these pages print it: <c>10,000</c>.</summary>
public static partial class TypedNumber
{
    /// <summary>Groups of three, so that <c>1,5</c> is no fifteen.</summary>
    [GeneratedRegex(@"^[0-9]{1,3}([,'\u2019 \u00a0\u202f][0-9]{3})+$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Grouped { get; }

    /// <summary>Null for what is no whole number, or one too long to be any.</summary>
    public static long? Read(string text)
    {
        var typed = text.Trim();
        var digits = Grouped.IsMatch(typed) ? string.Concat(typed.Where(char.IsAsciiDigit)) : typed;
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>A percentage that may be left out. Text that is no number becomes one that no rule accepts: it must not pass for nothing.</summary>
    public static long? ReadOptional(string text) => string.IsNullOrWhiteSpace(text) ? null : Read(text) ?? -1;
}
