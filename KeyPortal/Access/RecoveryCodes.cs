using System.Security.Cryptography;
using System.Text;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access;

/// <summary>Ten new recovery codes in plain text, for the one page that shows them.</summary>
public sealed class PlainRecoveryCodes(IReadOnlyList<string> codes)
{
    /// <summary>Each as <c>abcd-efgh-jkmn-pqrs-tvwx-yz01</c>.</summary>
    public IReadOnlyList<string> Expose() => codes;

    public override string ToString() => "PlainRecoveryCodes(…)";
}

/// <summary>
/// Codes that replace a second factor that is lost, once each. 120 random bits, 24 characters of Crockford's base32 in groups of four; stored as
/// SHA-256 of the 24 characters (at this length no slow hash is needed: OWASP ASVS 5, 6.5.2).
/// </summary>
public static class RecoveryCodes
{
    public const int Count = 10;
    private const int Bytes = 15;
    private const int Characters = 24;

    /// <summary>Makes ten and drops the account's old ones, used or not.</summary>
    public static async Task<PlainRecoveryCodes> IssueAsync(WriteTransaction write, string userId, CancellationToken cancellationToken = default)
    {
        await DropAsync(write, userId, cancellationToken);
        var codes = Enumerable.Range(0, Count).Select(_ => Base32.Crockford.Encode(RandomNumberGenerator.GetBytes(Bytes))).ToList();
        write.Set<RecoveryCode>().AddRange(codes.Select(code => new RecoveryCode { UserId = userId, Hash = Digest(code), CreatedAt = write.Now }));
        return new PlainRecoveryCodes([.. codes.Select(code => Base32.InFours(code, '-'))]);
    }

    public static Task DropAsync(WriteTransaction write, string userId, CancellationToken cancellationToken = default) =>
        write.Set<RecoveryCode>().Where(c => c.UserId == userId).ExecuteDeleteAsync(cancellationToken);

    public static Task<int> LeftAsync(KeyPortalDb db, string userId, CancellationToken cancellationToken = default) =>
        db.Set<RecoveryCode>().CountAsync(c => c.UserId == userId && c.UsedAt == null, cancellationToken);

    public static string LeftInWords(int left) => left switch
    {
        0 => "No recovery code is left.",
        1 => "One recovery code is left.",
        _ => $"{left} recovery codes are left.",
    };

    /// <summary>Uses a code up; false when it is none of the account's, or was used before. Of many at once, one gets true.</summary>
    internal static async Task<bool> UseUpAsync(WriteTransaction write, string userId, string? typed, CancellationToken cancellationToken) =>
        HashOf(typed) is { } hash
        && await write.Set<RecoveryCode>().Where(c => c.UserId == userId && c.Hash == hash && c.UsedAt == null)
            .ExecuteUpdateAsync(c => c.SetProperty(x => x.UsedAt, write.Now), cancellationToken) == 1;

    /// <summary>The hash of what was typed, forgiving what people do to codes: case, spaces, hyphens, o for 0, i and l for 1. Null for what can be none.</summary>
    internal static byte[]? HashOf(string? typed)
    {
        if (typed is null or { Length: > 100 })
        {
            return null;
        }

        var code = new StringBuilder(Characters);
        foreach (var c in typed.Where(c => c is not '-' && !char.IsWhiteSpace(c)))
        {
            code.Append(char.ToLowerInvariant(c) switch { 'o' => '0', 'i' or 'l' => '1', var other => other });
        }

        var canonical = code.ToString();
        return canonical.Length == Characters && canonical.All(Base32.Crockford.Holds) ? Digest(canonical) : null;
    }

    private static byte[] Digest(string canonical) => SHA256.HashData(Encoding.ASCII.GetBytes(canonical));
}
