namespace KeyPortal.Primitives;

/// <summary>
/// Five bits a character. Takes whole groups of five bytes only, so that there is no padding: 160-bit TOTP secrets are 32 characters, 120-bit
/// recovery codes 24.
/// </summary>
public sealed class Base32
{
    private const int GroupBytes = 5;
    private const int GroupCharacters = 8;
    private readonly string _alphabet;

    private Base32(string alphabet) => _alphabet = alphabet;

    /// <summary>RFC 4648 §6, upper case: what authenticator apps read.</summary>
    public static Base32 Rfc4648 { get; } = new("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");

    /// <summary>Crockford's, lower case: no letter that looks like a digit (https://www.crockford.com/base32.html).</summary>
    public static Base32 Crockford { get; } = new("0123456789abcdefghjkmnpqrstvwxyz");

    public bool Holds(char c) => _alphabet.Contains(c, StringComparison.Ordinal);

    public string Encode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % GroupBytes != 0)
        {
            throw new ArgumentException($"{bytes.Length} bytes are no whole groups of {GroupBytes}.", nameof(bytes));
        }

        var text = new char[bytes.Length / GroupBytes * GroupCharacters];
        for (int read = 0, written = 0; read < bytes.Length; read += GroupBytes)
        {
            var group = ((ulong)bytes[read] << 32) | ((ulong)bytes[read + 1] << 24) | ((ulong)bytes[read + 2] << 16) | ((ulong)bytes[read + 3] << 8) | bytes[read + 4];
            for (var shift = 35; shift >= 0; shift -= 5)
            {
                text[written++] = _alphabet[(int)(group >> shift) & 31];
            }
        }

        return new string(text);
    }

    /// <summary>The bytes again; null for a character that is not in the alphabet or no whole groups.</summary>
    public byte[]? TryDecode(string text)
    {
        if (text.Length % GroupCharacters != 0 || !text.All(Holds))
        {
            return null;
        }

        var bytes = new byte[text.Length / GroupCharacters * GroupBytes];
        for (int read = 0, written = 0; read < text.Length; read += GroupCharacters)
        {
            var group = 0UL;
            foreach (var c in text.AsSpan(read, GroupCharacters))
            {
                group = (group << 5) | (uint)_alphabet.IndexOf(c, StringComparison.Ordinal);
            }

            for (var shift = 32; shift >= 0; shift -= 8)
            {
                bytes[written++] = (byte)(group >> shift);
            }
        }

        return bytes;
    }

    /// <summary>In groups of four, as people read it out: <c>abcd-efgh-…</c>.</summary>
    public static string InFours(string text, char between) => string.Join(between, text.Chunk(4).Select(four => new string(four)));
}
