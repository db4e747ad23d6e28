using System.Text.Json;
using KeyPortal.Primitives;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace KeyPortal.Storage;

/// <summary>How values that are no plain text or number stand in a column; every form works on SQLite 3.35 and on PostgreSQL.</summary>
public static class StoredForms
{
    /// <summary>An enum as its snake_case name.</summary>
    public static PropertyBuilder<TEnum> AsName<TEnum>(this PropertyBuilder<TEnum> property) where TEnum : struct, Enum =>
        property.HasConversion(value => SnakeCase.Of(value), text => SnakeCase.Parse<TEnum>(text)).HasMaxLength(40);

    public static PropertyBuilder<TEnum?> AsName<TEnum>(this PropertyBuilder<TEnum?> property) where TEnum : struct, Enum =>
        property.HasConversion(value => value == null ? null : SnakeCase.Of(value.Value), text => text == null ? null : SnakeCase.Parse<TEnum>(text)).HasMaxLength(40);

    /// <summary>
    /// A list of words without spaces, as <c>" a b c "</c>: with a space on either side of each, a search for one whole word is a plain substring search.
    /// </summary>
    public static PropertyBuilder<IReadOnlyList<string>> AsWords(this PropertyBuilder<IReadOnlyList<string>> property)
    {
        property.HasConversion(
            new ValueConverter<IReadOnlyList<string>, string>(
                words => words.Count == 0 ? "" : " " + string.Join(' ', words) + " ",
                text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
            ListComparer);
        return property;
    }

    /// <summary>A list of any texts, as a JSON array.</summary>
    public static PropertyBuilder<IReadOnlyList<string>> AsJsonArray(this PropertyBuilder<IReadOnlyList<string>> property)
    {
        property.HasConversion(
            new ValueConverter<IReadOnlyList<string>, string>(
                list => JsonSerializer.Serialize(list, JsonSerializerOptions.Default),
                text => JsonSerializer.Deserialize<string[]>(text, JsonSerializerOptions.Default) ?? Array.Empty<string>()),
            ListComparer);
        return property;
    }

    /// <summary>Names with text values, as a JSON object.</summary>
    public static PropertyBuilder<IReadOnlyDictionary<string, string>> AsJsonObject(this PropertyBuilder<IReadOnlyDictionary<string, string>> property)
    {
        property.HasConversion(
            new ValueConverter<IReadOnlyDictionary<string, string>, string>(
                map => JsonSerializer.Serialize(map, JsonSerializerOptions.Default),
                text => ReadMap(text)),
            new ValueComparer<IReadOnlyDictionary<string, string>>(
                (a, b) => ReferenceEquals(a, b) || (a != null && b != null && a.Count == b.Count && !a.Except(b).Any()),
                map => map.Count,
                map => map));
        return property;
    }

    private static readonly ValueComparer<IReadOnlyList<string>> ListComparer = new(
        (a, b) => ReferenceEquals(a, b) || (a != null && b != null && a.SequenceEqual(b)),
        list => list.Aggregate(0, (hash, item) => HashCode.Combine(hash, item)),
        list => list);

    private static Dictionary<string, string> ReadMap(string text) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(text, JsonSerializerOptions.Default) ?? [];
}
