using System.Text.Json;
using System.Text.Json.Nodes;
using KeyPortal.Primitives;

namespace KeyPortal.Limits.Pages;

/// <summary>Limits of an audit entry, as <see cref="DescribedLimits"/> wrote them there, in words: everything that two of them can differ in is said.</summary>
public static class DescribedLimitWords
{
    public const string NoLimits = "none";

    private const string Between = "; ";

    /// <summary><c>burst: 60 a minute (token bucket), warns at 80 %</c>; null for what is no list of rate limits.</summary>
    public static string? RateLimits(JsonNode? list) => Joined(list, item =>
        TextOf(item["name"]) is { } name && NumberOf(item["limit"]) is { } limit && NumberOf(item["window_seconds"]) is > 0 and { } seconds && SnakeCase.TryParse(TextOf(item["algorithm"]) ?? "", out LimitAlgorithm algorithm)
            ? $"{name}: {LimitWords.Amount(new RateLimit(name, algorithm, limit, seconds))} ({LimitWords.Of(algorithm)}){Warning(item)}"
            : null);

    /// <summary><c>10,000 a day, refused beyond, warns at 80 %</c>; null for what is no list of quotas.</summary>
    public static string? Quotas(JsonNode? list) => Joined(list, item =>
        SnakeCase.TryParse(TextOf(item["period"]) ?? "", out QuotaPeriod period) && NumberOf(item["limit"]) is { } limit && SnakeCase.TryParse(TextOf(item["mode"]) ?? "", out QuotaMode mode)
            ? $"{LimitWords.Amount(new Quota(period, limit))}, {(mode == QuotaMode.Hard ? "refused beyond" : "only warned of beyond")}{Warning(item)}"
            : null);

    /// <summary>Both lists of a tier: <c>none</c> where it has no limits; null for what is no tier.</summary>
    public static string? OfTier(JsonNode? tier) =>
        tier is JsonObject described && RateLimits(described["rate_limits"]) is { } rates && Quotas(described["quotas"]) is { } quotas
            ? string.Join(Between, new[] { rates, quotas }.Where(words => words != NoLimits).DefaultIfEmpty(NoLimits))
            : null;

    private static string? Joined(JsonNode? list, Func<JsonObject, string?> wordsOf)
    {
        if (list is not JsonArray items)
        {
            return null;
        }

        var words = items.Select(item => item is JsonObject limit ? wordsOf(limit) : null).ToList();
        return words.Contains(null) ? null : words.Count == 0 ? NoLimits : string.Join(Between, words);
    }

    private static string Warning(JsonObject item) => NumberOf(item["warn_at_percent"]) is { } percent ? $", warns at {percent} %" : "";

    private static string? TextOf(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;

    private static long? NumberOf(JsonNode? node) => node is JsonValue value && value.TryGetValue(out long number) ? number : null;
}
