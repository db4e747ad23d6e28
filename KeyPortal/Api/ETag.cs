using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Primitives;

namespace KeyPortal.Api;

/// <summary>
/// Strong entity tags (RFC 9110, 8.8.3): a hash of the answer itself, so that whatever a reader could see changes the tag, and nothing else does.
/// </summary>
internal static class ETag
{
    private const int HashBytes = 12;

    /// <summary>The tag of <paramref name="value"/> as <paramref name="write"/> tells it; leave out beforehand what is no part of it.</summary>
    public static string Of<T>(T value, Action<Utf8JsonWriter, T> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            write(json, value);
        }

        return $"\"{Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan).AsSpan(0, HashBytes))}\"";
    }

    /// <summary>Does <c>If-Match</c> name <paramref name="tag"/>? True where the header is absent. A weak tag matches nothing (RFC 9110, 13.1.1).</summary>
    public static bool IsWanted(StringValues ifMatch, Func<string> tag) => ifMatch.Count == 0 || Lists(ifMatch, tag());

    /// <summary>Does <c>If-None-Match</c> name <paramref name="tag"/>, so that a reader has it already?</summary>
    public static bool IsKnown(StringValues ifNoneMatch, string tag) =>
        ifNoneMatch.Count > 0 && Lists(ifNoneMatch.ToString().Replace("W/\"", "\"", StringComparison.Ordinal), tag);

    private static bool Lists(StringValues header, string tag) =>
        header.ToString().Split(',', StringSplitOptions.TrimEntries).Any(listed => listed == "*" || listed == tag);
}
