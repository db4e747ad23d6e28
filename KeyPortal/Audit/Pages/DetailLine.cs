using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using KeyPortal.Keys.Pages.Policies;
using KeyPortal.Limits.Pages;

namespace KeyPortal.Audit.Pages;

/// <summary>One line of an entry's details as a person reads it: <c>-</c> what was, <c>+</c> what is, a space for what simply is so.</summary>
public sealed record DetailLine(char Sign, string Field, string Value)
{
    private const string Tier = "tier.";
    private const string Seconds = "_seconds";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Where nothing stood, or stands now, that is said too: to lose a limit is to gain something.</summary>
    private static readonly string[] Bounds = ["rate_limits", "quotas", "tier", "default_tier", "approval_scopes", "max_lifetime_seconds", "rotation_age_seconds"];

    /// <summary>The lines of an entry's details: plain fields first, then each changed field with its value before and after.</summary>
    public static IReadOnlyList<DetailLine> Of(JsonObject details)
    {
        List<DetailLine> lines = [];
        var before = details["before"] as JsonObject;
        var after = details["after"] as JsonObject;
        lines.AddRange(details.Where(d => d.Key is not ("before" or "after")).Select(d => new DetailLine(' ', Label(d.Key), Words(d.Key, d.Value))));
        foreach (var field in (before ?? []).Select(f => f.Key).Union((after ?? []).Select(f => f.Key), StringComparer.Ordinal))
        {
            var isChange = before?.ContainsKey(field) == true && after?.ContainsKey(field) == true;
            if (isChange && field.StartsWith(Tier, StringComparison.Ordinal))
            {
                AddTier(lines, field, before![field], after![field]);
            }
            else
            {
                Add(lines, Label(field), Words(field, before?[field]), Words(field, after?[field]), isChange && Bounds.Contains(field) ? DescribedLimitWords.NoLimits : "");
            }
        }

        return lines;
    }

    private static void Add(List<DetailLine> lines, string field, string was, string @is, string nothing = "")
    {
        // Of a key that was just made, only what it has is told.
        (was, @is) = nothing.Length > 0 ? (was.Length > 0 ? was : nothing, @is.Length > 0 ? @is : nothing) : (was, @is);
        if (was.Length > 0)
        {
            lines.Add(new DetailLine('-', field, was));
        }

        if (@is.Length > 0)
        {
            lines.Add(new DetailLine('+', field, @is));
        }
    }

    /// <summary>A tier's description and its limits, each only where it changed; all of a tier that came or went.</summary>
    private static void AddTier(List<DetailLine> lines, string field, JsonNode? before, JsonNode? after)
    {
        var name = $"tier {field[Tier.Length..]}";
        var (wasCalled, isCalled) = (DescriptionOf(before), DescriptionOf(after));
        if (wasCalled != isCalled)
        {
            Add(lines, $"{name}, description", wasCalled, isCalled);
        }

        var (was, @is) = (LimitsOf(before), LimitsOf(after));
        if (was != @is)
        {
            Add(lines, $"{name}, limits", was, @is);
        }
    }

    private static string DescriptionOf(JsonNode? tier) => tier is JsonObject described ? Words("description", described["description"]) : "";

    private static string LimitsOf(JsonNode? tier) => tier is null ? "" : DescribedLimitWords.OfTier(tier) ?? Words(tier);

    /// <summary>A span stands there in words, so its field has no unit.</summary>
    private static string Label(string field) => field.EndsWith(Seconds, StringComparison.Ordinal) ? field[..^Seconds.Length] : field;

    private static string Words(string field, JsonNode? value) => (field, value) switch
    {
        ("rate_limits" or "quotas", JsonArray { Count: 0 }) => "",
        ("rate_limits", JsonArray) => DescribedLimitWords.RateLimits(value) ?? Words(value),
        ("quotas", JsonArray) => DescribedLimitWords.Quotas(value) ?? Words(value),
        (_, JsonValue number) when field.EndsWith(Seconds, StringComparison.Ordinal) && number.TryGetValue(out long seconds) => seconds == 0 ? "0 seconds" : SpanDraft.Words(seconds),
        (_, JsonValue flag) when flag.TryGetValue(out bool holds) => holds ? "yes" : "no",
        _ => Words(value),
    };

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
