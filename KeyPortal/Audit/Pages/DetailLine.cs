using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KeyPortal.Audit.Pages;

/// <summary>One line of an entry's details as a person reads it: <c>-</c> what was, <c>+</c> what is, a space for what simply is so.</summary>
public sealed record DetailLine(char Sign, string Field, string Value)
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The lines of an entry's details: plain fields first, then each changed field with its value before and after.</summary>
    public static IReadOnlyList<DetailLine> Of(JsonObject details)
    {
        List<DetailLine> lines = [];
        var before = details["before"] as JsonObject;
        var after = details["after"] as JsonObject;
        lines.AddRange(details.Where(d => d.Key is not ("before" or "after")).Select(d => new DetailLine(' ', d.Key, Words(d.Value))));
        foreach (var field in (before ?? []).Select(f => f.Key).Union((after ?? []).Select(f => f.Key), StringComparer.Ordinal))
        {
            var (was, @is) = (Words(before?[field]), Words(after?[field]));
            if (was.Length > 0)
            {
                lines.Add(new DetailLine('-', field, was));
            }

            if (@is.Length > 0)
            {
                lines.Add(new DetailLine('+', field, @is));
            }
        }

        return lines;
    }

    private static string Words(JsonNode? value) => value switch
    {
        null => "",
        JsonArray list => string.Join(", ", list.Select(Words)),
        JsonObject { Count: 0 } => "",
        JsonObject map => map.ToJsonString(Readable),
        _ when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => value.ToJsonString(Readable),
    };
}
