using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Generators;

namespace KeyPortal.Primitives;

/// <summary>
/// bcrypt in the <c>$2b$</c> form, over base64(SHA-256(secret)) and not the secret itself: bcrypt ignores everything after byte 72
/// and stops at a zero byte, so two long passwords with the same beginning would otherwise open the same account.
/// </summary>
/// <remarks>Provos and Mazières, "A Future-Adaptable Password Scheme", USENIX 1999. The pre-hash is base64, which holds no zero byte.</remarks>
public static class Bcrypt
{
    public const int MinCost = 4;
    public const int MaxCost = 31;
    private const int SaltBytes = 16;

    public static string HashOfSha256(string secret, int cost) =>
        OpenBsdBCrypt.Generate("2b", Prehash(secret), RandomNumberGenerator.GetBytes(SaltBytes), cost);

    public static bool VerifyOfSha256(string secret, string hash) => OpenBsdBCrypt.CheckPassword(hash, Prehash(secret));

    /// <summary>The cost in a <c>$2b$10$…</c> string; 0 when it has none.</summary>
    public static int CostOf(string hash) => hash.Length > 6 && int.TryParse(hash.AsSpan(4, 2), out var cost) ? cost : 0;

    private static char[] Prehash(string secret) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(secret))).ToCharArray();
}
