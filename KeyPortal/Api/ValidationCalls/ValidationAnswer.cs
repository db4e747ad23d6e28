using System.Text.Json;
using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api.ValidationCalls;

/// <summary>A decision on the wire.</summary>
internal static class ValidationAnswer
{
    public static void Write(Utf8JsonWriter json, (ValidationResult Result, string RequestId) answer)
    {
        var (result, requestId) = answer;
        json.WriteStartObject();
        json.WriteBoolean("valid"u8, result.IsValid);
        json.WriteString("code"u8, SnakeCase.Of(result.Code));
        if (result.Key is { } key)
        {
            WriteKey(json, key);
        }

        if (!result.IsValid)
        {
            json.WriteStartArray("reasons"u8);
            foreach (var reason in result.Reasons)
            {
                json.WriteStartObject();
                json.WriteString("code"u8, SnakeCase.Of(reason.Code));
                json.WriteString("detail"u8, reason.Detail);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteStartArray("warnings"u8);
        foreach (var warning in result.Warnings)
        {
            json.WriteStartObject();
            json.WriteString("code"u8, SnakeCase.Of(warning.Code));
            json.WriteString("detail"u8, warning.Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteLimits(json, result.Limits);
        json.WriteString("request_id"u8, requestId);
        json.WriteEndObject();
    }

    /// <summary>Where the key's limits stand after the call; the fields are there for keys without limits too.</summary>
    private static void WriteLimits(Utf8JsonWriter json, LimitReport? report)
    {
        if (report is null)
        {
            JsonAnswer.WriteTexts(json, "rate_limits"u8, []);
            JsonAnswer.WriteTexts(json, "quotas"u8, []);
            json.WriteStartObject("headers"u8);
            json.WriteEndObject();
            return;
        }

        json.WriteStartArray("rate_limits"u8);
        for (var i = 0; i < report.RateLimits; i++)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, report.NameOf(i));
            WriteStanding(json, report.Standings[i]);
        }

        json.WriteEndArray();
        json.WriteStartArray("quotas"u8);
        for (var i = report.RateLimits; i < report.Standings.Length; i++)
        {
            json.WriteStartObject();
            json.WriteString("period"u8, SnakeCase.Of(report.QuotaOf(i).Period));
            WriteStanding(json, report.Standings[i]);
        }

        json.WriteEndArray();
        LimitHeaders.Write(json, report);
    }

    private static void WriteStanding(Utf8JsonWriter json, in LimitStanding standing)
    {
        json.WriteNumber("limit"u8, standing.Limit);
        LimitsAnswer.WriteStanding(json, standing);
        json.WriteEndObject();
    }

    private static void WriteKey(Utf8JsonWriter json, KeySnapshot key)
    {
        json.WriteString("key_id"u8, key.KeyId);
        json.WriteString("organization_id"u8, key.OrganizationId);
        json.WriteString("name"u8, key.Name);
        json.WriteString("type"u8, SnakeCase.Of(key.Type));
        json.WriteString("environment"u8, SnakeCase.Of(key.Environment));
        json.WriteStartObject("owner"u8);
        json.WriteString("type"u8, "member"u8);
        json.WriteString("id"u8, key.OwnerId);
        json.WriteEndObject();
        json.WriteNull("agent"u8);
        json.WriteStartArray("scopes"u8);
        foreach (var scope in key.Scopes)
        {
            json.WriteStringValue(scope.Value);
        }

        json.WriteEndArray();
        JsonAnswer.WriteTexts(json, "resources"u8, key.Resources);
        WriteInstant(json, "expires_at"u8, key.ExpiresAt);
        json.WriteStartObject("metadata"u8);
        foreach (var (name, value) in key.Metadata)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
    }

    /// <summary>The form of <see cref="WireTime"/>, which the writer has built in for UTC times of whole milliseconds, without a string in between.</summary>
    internal static void WriteInstant(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? at)
    {
        if (at is { } instant)
        {
            json.WriteString(name, instant.UtcDateTime);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
