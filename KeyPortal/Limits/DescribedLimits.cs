using System.Text.Json.Nodes;
using KeyPortal.Primitives;

namespace KeyPortal.Limits;

/// <summary>Limits as the audit log tells them.</summary>
public static class DescribedLimits
{
    public static JsonArray RateLimits(IEnumerable<RateLimit> limits) => [.. limits.Select(l => (JsonNode?)new JsonObject
    {
        ["name"] = l.Name,
        ["algorithm"] = SnakeCase.Of(l.Algorithm),
        ["limit"] = l.Limit,
        ["window_seconds"] = l.WindowSeconds,
        ["warn_at_percent"] = l.WarnAtPercent,
    })];

    public static JsonArray Quotas(IEnumerable<Quota> quotas) => [.. quotas.Select(q => (JsonNode?)new JsonObject
    {
        ["period"] = SnakeCase.Of(q.Period),
        ["limit"] = q.Limit,
        ["mode"] = SnakeCase.Of(q.Mode),
        ["warn_at_percent"] = q.WarnAtPercent,
    })];
}
