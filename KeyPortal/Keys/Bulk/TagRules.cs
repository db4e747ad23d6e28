using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Primitives;

namespace KeyPortal.Keys.Bulk;

/// <summary>Tags put on many keys at once.</summary>
internal static class TagRules
{
    private const int Named = 5;

    public static Refusal? Check(IReadOnlyList<string> add, IReadOnlyList<string> remove)
    {
        List<FieldError> errors = [];
        void Each(IReadOnlyList<string> tags, string pointer)
        {
            if (tags.Count > KeyRules.MaxTags)
            {
                errors.Add(new FieldError(pointer, $"There may be {KeyRules.MaxTags} tags at most."));
                return;
            }

            for (var i = 0; i < tags.Count; i++)
            {
                if (TextRules.Check(tags[i], "Tag", 1, KeyRules.MaxTagLength) is { } broken)
                {
                    errors.Add(new FieldError($"{pointer}/{i}", broken));
                }
            }
        }

        Each(add, "/add_tags");
        Each(remove, "/remove_tags");
        if (add.Count + remove.Count == 0)
        {
            errors.Add(new FieldError("/add_tags", "Name a tag to add or to remove."));
        }
        else if (add.Intersect(remove, StringComparer.Ordinal).FirstOrDefault() is { } both)
        {
            errors.Add(new FieldError("/remove_tags", $"The tag {both} is to be added and to be removed."));
        }

        return errors.Count > 0 ? Refusal.Invalid(errors) : null;
    }

    /// <summary>Null for a key that has them so already, and for one that would have too many: its name joins <paramref name="full"/>.</summary>
    public static AuditRecord? Apply(ApiKey key, IReadOnlyList<string> add, IReadOnlyList<string> remove, List<string> full)
    {
        string[] tags = [.. key.Tags.Except(remove, StringComparer.Ordinal).Union(add, StringComparer.Ordinal)];
        if (tags.SequenceEqual(key.Tags, StringComparer.Ordinal))
        {
            return null;
        }

        if (tags.Length > KeyRules.MaxTags)
        {
            full.Add(key.Name);
            return null;
        }

        var before = key.Tags;
        key.Tags = tags;
        return new AuditRecord("key.updated", AuditTarget.Key(key.Id, key.Name)) { Details = AuditRecord.Change([("tags", Texts(before), Texts(tags))]) };
    }

    public static Refusal? Full(List<string> full) => full.Count == 0 ? null : Refusal.Invalid("/add_tags",
        $"A key may have {KeyRules.MaxTags} tags at most. These would have more: {string.Join(", ", full.Take(Named))}{(full.Count > Named ? $" and {full.Count - Named} others" : "")}.");

    private static JsonArray Texts(IReadOnlyList<string> texts) => [.. texts.Select(t => (JsonNode?)t)];
}
