using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Org.BouncyCastle.Crypto.Generators;

namespace KeyPortal.Primitives;

/// <summary>
/// bcrypt in the <c>$2b$</c> form, over base64(SHA-256(secret)) and not the secret itself: bcrypt ignores everything after byte 72
/// and stops at a zero byte, so two long passwords with the same beginning would otherwise open the same account.
/// </summary>
/// <remarks>Provos and Mazières, "A Future-Adaptable Password Scheme", USENIX 1999. The pre-hash is base64, which holds no zero byte.</remarks>
public static partial class Bcrypt
{
    public const int MinCost = 4;
    public const int MaxCost = 31;
    private const int SaltBytes = 16;

    /// <summary>bcrypt ignores every byte of a secret after this one.</summary>
    private const int MaxSecretBytes = 72;

    private const string Alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public static string HashOfSha256(string secret, int cost) =>
        OpenBsdBCrypt.Generate("2b", Prehash(secret), RandomNumberGenerator.GetBytes(SaltBytes), cost);

    public static bool VerifyOfSha256(string secret, string hash) => OpenBsdBCrypt.CheckPassword(hash, Prehash(secret));

    /// <summary>
    /// bcrypt of the secret itself, as others make it. A longer secret than bcrypt takes in never matches: any text with the same beginning would.
    /// </summary>
    public static bool Verify(string secret, string hash) =>
        Encoding.UTF8.GetByteCount(secret) <= MaxSecretBytes && OpenBsdBCrypt.CheckPassword(hash, secret.ToCharArray());

    /// <summary>
    /// Reads a hash that another program made (<c>$2a$</c>, <c>$2b$</c>, <c>$2y$</c>) into the one spelling that comparing expects. The salt's last character
    /// holds two bits that count, the hash's four; some programs leave something in the rest.
    /// </summary>
    public static bool TryRead(string text, out string hash)
    {
        const int SaltEnd = 28;
        hash = "";
        if (!Form().IsMatch(text))
        {
            return false;
        }

        hash = string.Create(text.Length, text, static (into, from) =>
        {
            from.CopyTo(into);
            into[SaltEnd] = Alphabet[Alphabet.IndexOf(into[SaltEnd], StringComparison.Ordinal) & 0b110000];
            into[^1] = Alphabet[Alphabet.IndexOf(into[^1], StringComparison.Ordinal) & 0b111100];
        });
        return true;
    }

    /// <summary>The cost in a <c>$2b$10$…</c> string; 0 when it has none.</summary>
    public static int CostOf(string hash) => hash.Length > 6 && int.TryParse(hash.AsSpan(4, 2), out var cost) ? cost : 0;

    private static char[] Prehash(string secret) => Sha256Text.Of(secret).ToCharArray();

    [GeneratedRegex(@"^\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Form();
}
