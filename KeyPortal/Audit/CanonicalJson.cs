using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KeyPortal.Audit;

/// <summary>
/// The JSON Canonicalization Scheme, RFC 8785: one byte string per value, so that a hash of an entry can be checked by anyone.
/// Numbers are whole and under 2^53 (RFC 8785 §3.2.2.3 would print others by ECMAScript's rules; here they must be strings).
/// </summary>
public static class CanonicalJson
{
    private const long Largest = (1L << 53) - 1;

    // §3.2.2.2 ends in an error on a lone surrogate; replaced by U+FFFD, two different values would have the same bytes.
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="ArgumentException">A number that is not whole or too large, or a text with an unpaired surrogate.</exception>
    public static byte[] Serialize(JsonNode? node)
    {
        var text = new StringBuilder();
        Write(text, node);
        return Strict.GetBytes(text.ToString());
    }

    private static void Write(StringBuilder text, JsonNode? node)
    {
        switch (node)
        {
            case null:
                text.Append("null");
                break;
            case JsonObject map:
                WriteObject(text, map);
                break;
            case JsonArray list:
                text.Append('[');
                for (var i = 0; i < list.Count; i++)
                {
                    if (i > 0)
                    {
                        text.Append(',');
                    }

                    Write(text, list[i]);
                }

                text.Append(']');
                break;
            default:
                WriteValue(text, node.AsValue());
                break;
        }
    }

    private static void WriteObject(StringBuilder text, JsonObject map)
    {
        text.Append('{');
        var separator = "";
        // §3.2.3: names sort by UTF-16 code units, which is what an ordinal comparison of .NET strings does.
        foreach (var (name, value) in map.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            text.Append(separator);
            WriteString(text, name);
            text.Append(':');
            Write(text, value);
            separator = ",";
        }

        text.Append('}');
    }

    private static void WriteValue(StringBuilder text, JsonValue value)
    {
        switch (value.GetValueKind())
        {
            case JsonValueKind.String:
                WriteString(text, value.GetValue<string>());
                break;
            case JsonValueKind.True:
                text.Append("true");
                break;
            case JsonValueKind.False:
                text.Append("false");
                break;
            case JsonValueKind.Number when long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number is >= -Largest and <= Largest:
                text.Append(number.ToString(CultureInfo.InvariantCulture));
                break;
            default:
                throw new ArgumentException($"{value.ToJsonString()} is no whole number under 2^53: write it as a string.", nameof(value));
        }
    }

    private static readonly SearchValues<char> MustEscape = SearchValues.Create(
        "\"\\" + string.Concat(Enumerable.Range(0, 0x20).Select(c => (char)c)));

    /// <summary>§3.2.2.2: the short escapes where JSON has one, lower-case \u00xx for other control characters, everything else as it is.</summary>
    private static void WriteString(StringBuilder text, string value)
    {
        text.Append('"');
        if (value.AsSpan().IndexOfAny(MustEscape) < 0)
        {
            text.Append(value);
        }
        else
        {
            foreach (var c in value)
            {
                _ = c switch
                {
                    '"' => text.Append("\\\""),
                    '\\' => text.Append("\\\\"),
                    '\b' => text.Append("\\b"),
                    '\t' => text.Append("\\t"),
                    '\n' => text.Append("\\n"),
                    '\f' => text.Append("\\f"),
                    '\r' => text.Append("\\r"),
                    < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                    _ => text.Append(c),
                };
            }
        }

        text.Append('"');
    }
}
