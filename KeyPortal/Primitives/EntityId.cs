using System.Security.Cryptography;

namespace KeyPortal.Primitives;

/// <summary>Makes the ids of stored things: <c>key_01k9…</c>, a prefix and a ULID in lower case, so that ids sort by time as text.</summary>
/// <remarks>
/// <code>
/// key _ 01kajx3v5m  8zqk4r0w2c6n1t9e
///  |    48-bit ms   80 random bits
///  prefix            Crockford base32 (https://github.com/ulid/spec)
/// </code>
/// An id names a thing; it is never a credential, so 80 bits against accidental collision are enough.
/// </remarks>
public static class EntityId
{
    public const string Key = "key";
    public const string Organization = "org";
    public const string User = "usr";
    public const string Request = "req";

    private const string Base32 = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int TimeLength = 10;
    private const int RandomLength = 16;

    public static string New(string prefix, DateTimeOffset now)
    {
        Span<byte> random = stackalloc byte[RandomLength];
        RandomNumberGenerator.Fill(random);
        return string.Create(prefix.Length + 1 + TimeLength + RandomLength, (prefix, now, random.ToArray()), static (span, state) =>
        {
            var (prefix, now, random) = state;
            prefix.CopyTo(span);
            span[prefix.Length] = '_';
            var body = span[(prefix.Length + 1)..];
            WriteTime(body, now);
            for (var i = 0; i < RandomLength; i++)
            {
                body[TimeLength + i] = Base32[random[i] & 31];
            }
        });
    }

    internal static void WriteTime(Span<char> body, DateTimeOffset now)
    {
        var milliseconds = now.ToUnixTimeMilliseconds();
        for (var i = TimeLength - 1; i >= 0; i--)
        {
            body[i] = Base32[(int)(milliseconds & 31)];
            milliseconds >>= 5;
        }
    }

    internal static void WriteNumber(Span<char> body, ulong number)
    {
        for (var i = body.Length - 1; i >= 0; i--)
        {
            body[i] = Base32[(int)(number & 31)];
            number >>= 5;
        }
    }
}
