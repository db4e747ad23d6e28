using System.Collections.Concurrent;
using System.Text.Json;

namespace KeyPortal.Primitives;

/// <summary>The one spelling of an enum outside the code: <c>snake_case</c> in the database, on the wire and in the audit log.</summary>
public static class SnakeCase
{
    public static string Of<TEnum>(TEnum value) where TEnum : struct, Enum => Names<TEnum>.ByValue.GetOrAdd(value, static v => Convert(v.ToString()));

    public static bool TryParse<TEnum>(string? text, out TEnum value) where TEnum : struct, Enum
    {
        value = default;
        return text is not null && Names<TEnum>.ByName.TryGetValue(text, out value);
    }

    public static TEnum Parse<TEnum>(string text) where TEnum : struct, Enum =>
        TryParse<TEnum>(text, out var value) ? value : throw new FormatException($"'{text}' is no {typeof(TEnum).Name}.");

    /// <summary>Every spelling, in the order of declaration; for messages that list what is allowed.</summary>
    public static IEnumerable<string> AllOf<TEnum>() where TEnum : struct, Enum => Enum.GetValues<TEnum>().Select(Of);

    private static string Convert(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private static class Names<TEnum> where TEnum : struct, Enum
    {
        public static readonly ConcurrentDictionary<TEnum, string> ByValue = new();

        public static readonly Dictionary<string, TEnum> ByName =
            Enum.GetValues<TEnum>().ToDictionary(v => Convert(v.ToString()), v => v, StringComparer.Ordinal);
    }
}
