using System.Text.Json;
using System.Text.Json.Serialization;

namespace KeyPortal.Keys;

/// <summary>
/// A key as a client presents it: of our own form, or, on an instance that holds imported secrets, any text that could be another vendor's. Lives as long
/// as the request; it prints redacted and does not serialize.
/// </summary>
[JsonConverter(typeof(NeverSerialized))]
public readonly struct PresentedKey
{
    public const int MinLength = 8;
    public const int MaxLength = 512;

    private static readonly System.Buffers.SearchValues<char> Visible = System.Buffers.SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c)]);
    private readonly string _text;

    private PresentedKey(string text, PlaintextKey? own) => (_text, Own) = (text, own);

    /// <summary>The same key where it has our own form and its checksum is right; else null.</summary>
    public PlaintextKey? Own { get; }

    public int Length => _text.Length;

    /// <summary>Reads a text without any I/O.</summary>
    /// <param name="foreignToo">Take any 8 to 512 visible ASCII characters, not our own form alone: another vendor's key may even look like ours, with another checksum.</param>
    public static bool TryRead(string? text, bool foreignToo, out PresentedKey key)
    {
        if (PlaintextKey.TryParse(text, out var own))
        {
            key = own;
            return true;
        }

        var isForeign = foreignToo && text is { Length: >= MinLength and <= MaxLength } && text.AsSpan().IndexOfAnyExcept(Visible) < 0;
        key = isForeign ? new PresentedKey(text!, null) : default;
        return isForeign;
    }

    /// <summary>The text itself. Every caller is a place where a secret leaves: a hash, nothing else.</summary>
    public string Expose() => _text;

    public override string ToString() => Own is null ? "a presented key" : Own.ToString();

    public static implicit operator PresentedKey(PlaintextKey own) => new(own.Expose(), own);

    private sealed class NeverSerialized : JsonConverter<PresentedKey>
    {
        public override PresentedKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("A presented key is read with TryRead.");

        public override void Write(Utf8JsonWriter writer, PresentedKey value, JsonSerializerOptions options) =>
            throw new NotSupportedException("A presented key does not serialize.");
    }
}
