using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using KeyPortal.Primitives;

namespace KeyPortal.Access;

/// <summary>
/// Time-based one-time passwords (RFC 6238): HMAC-SHA-1, six digits, steps of 30 seconds; what every authenticator app speaks. SHA-1's weakness is
/// collisions, which are of no use against an HMAC (RFC 6194 §3.3).
/// </summary>
public static class Totp
{
    public const int Digits = 6;
    public const int StepSeconds = 30;

    /// <summary>How many steps the phone's clock may be off, either way. One is what RFC 6238 §5.2 recommends; each more is another code that a guess may hit.</summary>
    public const int Drift = 1;

    private const int Modulus = 1_000_000;

    /// <summary>The number of whole steps since 1970.</summary>
    public static long StepAt(DateTimeOffset at) => at.ToUnixTimeSeconds() / StepSeconds;

    public static string CodeAt(TotpSecret secret, DateTimeOffset at) => CodeOf(secret, StepAt(at));

    /// <summary>RFC 4226 §5.3 over the step as an eight-byte big-endian counter.</summary>
    public static string CodeOf(TotpSecret secret, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> mac = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // The standard's algorithm; see above.
        HMACSHA1.HashData(secret.Expose(), counter, mac);
#pragma warning restore CA5350
        var truncated = BinaryPrimitives.ReadUInt32BigEndian(mac[(mac[^1] & 0xf)..]) & 0x7fff_ffff;
        return (truncated % Modulus).ToString("D6");
    }

    /// <summary>
    /// The step whose code was typed, one step of drift either way; null when it is none of them. Whether that step is spent already is the caller's to
    /// ask. Spaces, as apps show them, do not count.
    /// </summary>
    public static long? Match(TotpSecret secret, string? typed, DateTimeOffset now)
    {
        if (typed is null or { Length: > 20 } || typed.Where(c => !char.IsWhiteSpace(c)).ToArray() is not { Length: Digits } code || !code.All(char.IsAsciiDigit))
        {
            return null;
        }

        var (present, given) = (StepAt(now), Encoding.ASCII.GetBytes(code));
        long? found = null;
        // The newest that fits, and always all three: neither the answer's time nor a code that happens to fit twice tells anything.
        for (var step = present - Drift; step <= present + Drift; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(CodeOf(secret, step)), given))
            {
                found = step;
            }
        }

        return found;
    }
}

/// <summary>A TOTP secret of 160 random bits, as long as the HMAC's output (RFC 4226 §4, R6).</summary>
public sealed class TotpSecret
{
    private const int Length = 20;
    private readonly byte[] _bytes;

    private TotpSecret(byte[] bytes) => _bytes = bytes;

    public static TotpSecret New() => new(RandomNumberGenerator.GetBytes(Length));

    /// <summary>From base32, as it is typed into an app: in any case, with or without spaces. Null for anything else.</summary>
    public static TotpSecret? TryParse(string text) =>
        Base32.Rfc4648.TryDecode(text.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant()) is { Length: Length } bytes ? new TotpSecret(bytes) : null;

    internal ReadOnlySpan<byte> Expose() => _bytes;

    /// <summary>32 characters of base32 (RFC 4648), for the page that sets an authenticator up.</summary>
    public string ExposeBase32() => Base32.Rfc4648.Encode(_bytes);

    /// <summary>
    /// What the QR code holds (https://github.com/google/google-authenticator/wiki/Key-Uri-Format). The issuer is in the label too: some apps read it only
    /// there.
    /// </summary>
    public string ExposeUri(string issuer, string account)
    {
        // A colon would end the issuer early.
        var name = issuer.Replace(":", " ", StringComparison.Ordinal);
        return $"otpauth://totp/{Uri.EscapeDataString(name)}:{Uri.EscapeDataString(account)}?secret={ExposeBase32()}&issuer={Uri.EscapeDataString(name)}"
            + $"&algorithm=SHA1&digits={Totp.Digits}&period={Totp.StepSeconds}";
    }

    public override string ToString() => "TotpSecret(…)";
}
