using System.Text;
using KeyPortal.Primitives;

namespace KeyPortal.Access;

/// <summary>
/// What a new password must be (NIST SP 800-63B-4 §3.1.1.2, OWASP ASVS 5 §6.2): 12 to 128 characters, any of them, in any mixture; and not easy to guess.
/// Counted for that, a common password or a run such as 1234 or qwerty is worth two characters, and a repetition, or a part of the member's own name, e-mail
/// or organization, one; eight must be left.
/// </summary>
/// <remarks>
/// A password is hashed as the UTF-8 of what was typed and is not normalized: keyboards of today agree on composed characters (NFC), stored hashes are of
/// the raw text, and a rule added later would shut out whoever set theirs before.
/// </remarks>
public static class PasswordRules
{
    /// <summary>The characters that must be left when what is easy to guess has been counted as little as it is worth.</summary>
    private const int Enough = 8;

    private const int ShortestOwnPart = 4;
    private static readonly HashSet<string> NoParts = [];

    private const string TooEasy = "This password is too easy to guess: it is little more than a common password, a row of keys or a repetition. A few unrelated words make a good one.";
    private const string TooOwn = "This password is little more than your name, e-mail address or organization, which an attacker tries first. A few unrelated words make a good one.";

    /// <summary>Empty when the password may be used; else what is wrong with it, for the field <c>/password</c>.</summary>
    /// <param name="password">As it was typed.</param>
    /// <param name="own">What an attacker knows of the member: name, e-mail address, organizations.</param>
    public static IReadOnlyList<FieldError> Check(string? password, params IEnumerable<string?> own) =>
        (TextRules.Check(password, "The password", 1, int.MaxValue) ?? Broken(password!, [.. own])) is { } rule ? [new FieldError("/password", rule)] : [];

    /// <summary>False for what is longer than any password, and not worth the hashing.</summary>
    public static bool IsNotTooLong(string typed) => typed.Length <= 2 * PasswordSettings.MaxLength && CountOf(typed) <= PasswordSettings.MaxLength;

    private static int CountOf(string text) => text.EnumerateRunes().Count();

    private static string? Broken(string password, string?[] own)
    {
        if (CountOf(password) is < PasswordSettings.MinLength or > PasswordSettings.MaxLength)
        {
            return $"A password has {PasswordSettings.MinLength} to {PasswordSettings.MaxLength} characters.";
        }

        var parts = own.SelectMany(PartsOf).ToHashSet(StringComparer.Ordinal);
        return PasswordWorth.Of(password, parts) >= Enough ? null : parts.Count > 0 && PasswordWorth.Of(password, NoParts) >= Enough ? TooOwn : TooEasy;
    }

    /// <summary>The words of a name or an address, in lower case, forwards and backwards.</summary>
    private static IEnumerable<string> PartsOf(string? text) =>
        string.Concat((text ?? "").ToLowerInvariant().Select(c => char.IsLetterOrDigit(c) ? c : ' '))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Where(part => part.Length >= ShortestOwnPart)
            .SelectMany(part => (string[])[part, string.Concat(part.Reverse())]);
}
