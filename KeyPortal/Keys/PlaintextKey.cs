using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using KeyPortal.Primitives;

namespace KeyPortal.Keys;

public enum KeyType
{
    /// <summary><c>sk</c>: a member's or a system's; never in a browser.</summary>
    Secret,

    /// <summary><c>pk</c>: may sit in a browser; holds publishable scopes only.</summary>
    Publishable,

    /// <summary><c>ak</c>: an agent's.</summary>
    Agent,
}

public enum KeyEnvironment
{
    Test,
    Live,
}

/// <summary>
/// A full key as a client presents it. Exists in the answer that creates it and in requests that present it, nowhere else: it prints redacted and
/// does not serialize.
/// </summary>
/// <remarks>
/// <code>
/// [brand_] sk _ live _ 0123456789ABCDEFGHIJKLMNOP 2cbtEV
///    |     |     |      |                          CRC-32 of all before it, base62, 6 characters
///    |     |     |      26 random base62 characters: 154 bits
///    |     |     test | live
///    |     sk secret, pk publishable, ak agent
///    instance setting, empty by default
/// </code>
/// The checksum is no protection against forgery; it refuses typos and cut keys without any look-up, and lets scanners tell real keys from noise.
/// </remarks>
[JsonConverter(typeof(NeverSerialized))]
public sealed class PlaintextKey
{
    public const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    public const int RandomLength = 26;
    public const int ChecksumLength = 6;
    public const int StartRandomLength = 6;

    /// <summary>The longest possible: a brand of 12, three underscores, two short words, 32 characters.</summary>
    public const int MaxLength = 12 + 1 + 2 + 1 + 4 + 1 + BodyLength;

    private const int BodyLength = RandomLength + ChecksumLength;
    private readonly string _text;

    private PlaintextKey(string text, KeyType type, KeyEnvironment environment)
    {
        _text = text;
        Type = type;
        Environment = environment;
    }

    public KeyType Type { get; }

    public KeyEnvironment Environment { get; }

    /// <summary>The prefix and the first six random characters, <c>sk_live_012345</c>: what lists show and people recognise. 118 secret bits remain.</summary>
    public string Start => _text[..(_text.Length - BodyLength + StartRandomLength)];

    /// <summary>Makes a new key from the system's random number generator; <paramref name="brand"/> is empty or valid by <see cref="IsBrand"/>.</summary>
    public static PlaintextKey Generate(KeyType type, KeyEnvironment environment, string brand)
    {
        var prefix = $"{(brand.Length > 0 ? brand + "_" : "")}{Word(type)}_{(environment == KeyEnvironment.Live ? "live" : "test")}_";
        // GetString draws uniformly: it rejects what a modulo would skew.
        var body = prefix + RandomNumberGenerator.GetString(Alphabet, RandomLength);
        return new PlaintextKey(body + Checksum(body), type, environment);
    }

    /// <summary>Reads form and checksum; no I/O. The brand is not compared: a key made before the setting changed stays a key.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out PlaintextKey? key)
    {
        key = null;
        if (text is null || text.Length > MaxLength || text.Length < BodyLength + 8)
        {
            return false;
        }

        var prefix = text.AsSpan(0, text.Length - BodyLength);
        if (!TryReadPrefix(prefix, out var type, out var environment) || text.AsSpan(prefix.Length).IndexOfAnyExcept(AlphabetValues) >= 0)
        {
            return false;
        }

        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(text.AsSpan(0, text.Length - ChecksumLength), checksum);
        if (!checksum.SequenceEqual(text.AsSpan(text.Length - ChecksumLength)))
        {
            return false;
        }

        key = new PlaintextKey(text, type, environment);
        return true;
    }

    /// <summary>2 to 12 of <c>a-z0-9</c>, starting with a letter.</summary>
    public static bool IsBrand(ReadOnlySpan<char> text) =>
        text.Length is >= 2 and <= 12 && char.IsAsciiLetterLower(text[0]) && text.IndexOfAnyExcept(BrandValues) < 0;

    /// <summary>The key itself. Every caller is a place where a secret leaves: the one-time answer, a hash.</summary>
    public string Expose() => _text;

    public override string ToString() => Start + "…";

    internal static string Checksum(string body) => string.Create(ChecksumLength, body, static (span, body) => WriteChecksum(body, span));

    private static readonly System.Buffers.SearchValues<char> AlphabetValues = System.Buffers.SearchValues.Create(Alphabet);
    private static readonly System.Buffers.SearchValues<char> BrandValues = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");

    private static string Word(KeyType type) => type switch
    {
        KeyType.Secret => "sk",
        KeyType.Publishable => "pk",
        _ => "ak",
    };

    private static bool TryReadPrefix(ReadOnlySpan<char> prefix, out KeyType type, out KeyEnvironment environment)
    {
        (type, environment) = (default, default);
        if (prefix.EndsWith("_live_"))
        {
            environment = KeyEnvironment.Live;
        }
        else if (!prefix.EndsWith("_test_"))
        {
            return false;
        }

        var rest = prefix[..^6];
        if (rest.Length < 2)
        {
            return false;
        }

        switch (rest[^2..])
        {
            case "sk":
                break;
            case "pk":
                type = KeyType.Publishable;
                break;
            case "ak":
                type = KeyType.Agent;
                break;
            default:
                return false;
        }

        return rest.Length == 2 || (rest[^3] == '_' && IsBrand(rest[..^3]));
    }

    private static void WriteChecksum(ReadOnlySpan<char> body, Span<char> into)
    {
        var crc = Crc32.Of(body);
        for (var i = ChecksumLength - 1; i >= 0; i--)
        {
            into[i] = Alphabet[(int)(crc % 62)];
            crc /= 62;
        }
    }

    private sealed class NeverSerialized : JsonConverter<PlaintextKey>
    {
        public override PlaintextKey Read(ref System.Text.Json.Utf8JsonReader reader, Type typeToConvert, System.Text.Json.JsonSerializerOptions options) =>
            throw new NotSupportedException("A plaintext key is read with TryParse.");

        public override void Write(System.Text.Json.Utf8JsonWriter writer, PlaintextKey value, System.Text.Json.JsonSerializerOptions options) =>
            throw new NotSupportedException("A plaintext key does not serialize; the one answer that holds it calls Expose.");
    }
}
