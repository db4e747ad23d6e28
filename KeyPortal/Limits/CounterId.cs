using System.Security.Cryptography;
using System.Text;

namespace KeyPortal.Limits;

/// <summary>Whose calls are counted: an id in 16 bytes, so that a million counters are small.</summary>
public readonly record struct CounterId(ulong High, ulong Low)
{
    private const int UlidLength = 26;
    private const int BitsPerCharacter = 5;
    private const string Base32 = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>The ULID of one of our own ids (<c>key_01k9…</c>), which has 128 bits; of any other text, the first half of its SHA-256.</summary>
    public static CounterId Of(string id)
    {
        UInt128 value = 0;
        var ulid = id.AsSpan(id.IndexOf('_') + 1);
        if (ulid.Length != UlidLength)
        {
            return Hashed(id);
        }

        foreach (var c in ulid)
        {
            var digit = Base32.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0)
            {
                return Hashed(id);
            }

            value = (value << BitsPerCharacter) | (uint)digit;
        }

        return new CounterId((ulong)(value >> 64), (ulong)value);
    }

    /// <summary>An id's low half is random already.</summary>
    public override int GetHashCode() => (int)Low ^ (int)(Low >> 32);

    private static CounterId Hashed(string id)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(id));
        return new CounterId(BitConverter.ToUInt64(hash), BitConverter.ToUInt64(hash, sizeof(ulong)));
    }
}
