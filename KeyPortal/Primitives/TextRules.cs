using System.Text;

namespace KeyPortal.Primitives;

/// <summary>
/// The rule for free text: any Unicode, kept byte for byte, up to a length counted in code points (as JSON Schema counts).
/// Two things are refused because no store keeps them: U+0000 (PostgreSQL's text has none) and unpaired surrogates (UTF-8 has none).
/// </summary>
public static class TextRules
{
    /// <summary>Null when the text is acceptable, else the rule it breaks, as a sentence that starts with the field's name.</summary>
    public static string? Check(string? text, string field, int minLength, int maxLength)
    {
        if (text is null)
        {
            return minLength > 0 ? $"{field} is required." : null;
        }

        var length = 0;
        var blank = true;
        for (var i = 0; i < text.Length; i++)
        {
            if (!Rune.TryGetRuneAt(text, i, out var rune))
            {
                return $"{field} holds an unpaired surrogate at position {i}.";
            }

            if (rune.Value == 0)
            {
                return $"{field} holds the character U+0000 at position {i}, which cannot be stored.";
            }

            blank &= Rune.IsWhiteSpace(rune);
            length++;
            i += rune.Utf16SequenceLength - 1;
        }

        if (minLength > 0 && blank)
        {
            return $"{field} is required and may not be blank.";
        }

        return length > maxLength ? $"{field} may have {maxLength} characters at most; this has {length}." : null;
    }
}
