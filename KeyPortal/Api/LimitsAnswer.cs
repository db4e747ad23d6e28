using System.Text.Json;
using KeyPortal.Limits;
using KeyPortal.Primitives;

namespace KeyPortal.Api;

/// <summary>Rate limits, quotas and tiers on the wire: as they were set, and where they stand.</summary>
internal static class LimitsAnswer
{
    public static void WriteTiers(Utf8JsonWriter json, TierList list)
    {
        json.WriteStartObject();
        json.WriteStartArray("data"u8);
        foreach (var tier in list.Tiers)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, tier.Name);
            json.WriteString("description"u8, tier.Description);
            Write(json, tier.RateLimits, tier.Quotas);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("default_tier"u8, list.DefaultTier);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, IReadOnlyList<RateLimit> rateLimits, IReadOnlyList<Quota> quotas)
    {
        json.WriteStartArray("rate_limits"u8);
        foreach (var limit in rateLimits)
        {
            json.WriteStartObject();
            WriteFields(json, limit);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("quotas"u8);
        foreach (var quota in quotas)
        {
            json.WriteStartObject();
            WriteFields(json, quota);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>All limits that hold for a key, each with where it stands; empty lists for a key without limits.</summary>
    public static void Write(Utf8JsonWriter json, LimitReport? report)
    {
        json.WriteStartArray("rate_limits"u8);
        for (var i = 0; i < (report?.RateLimits ?? 0); i++)
        {
            json.WriteStartObject();
            WriteFields(json, report!.Limits.RateLimits[i]);
            WriteStanding(json, report.Standings[i]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("quotas"u8);
        for (var i = report?.RateLimits ?? 0; i < (report?.Standings.Length ?? 0); i++)
        {
            json.WriteStartObject();
            WriteFields(json, report!.QuotaOf(i));
            WriteStanding(json, report.Standings[i]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static void WriteStanding(Utf8JsonWriter json, in LimitStanding standing)
    {
        json.WriteNumber("remaining"u8, standing.Remaining);
        json.WriteNumber("reset_seconds"u8, standing.ResetSeconds);
    }

    private static void WriteFields(Utf8JsonWriter json, RateLimit limit)
    {
        json.WriteString("name"u8, limit.Name);
        json.WriteString("algorithm"u8, SnakeCase.Of(limit.Algorithm));
        json.WriteNumber("limit"u8, limit.Limit);
        json.WriteNumber("window_seconds"u8, limit.WindowSeconds);
        JsonAnswer.WriteNumber(json, "warn_at_percent"u8, limit.WarnAtPercent);
    }

    private static void WriteFields(Utf8JsonWriter json, Quota quota)
    {
        json.WriteString("period"u8, SnakeCase.Of(quota.Period));
        json.WriteNumber("limit"u8, quota.Limit);
        json.WriteString("mode"u8, SnakeCase.Of(quota.Mode));
        JsonAnswer.WriteNumber(json, "warn_at_percent"u8, quota.WarnAtPercent);
    }
}
