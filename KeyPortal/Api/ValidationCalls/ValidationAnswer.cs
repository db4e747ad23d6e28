using System.Text.Json;
using KeyPortal.Keys;
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

        // Limits and quotas join with their own feature; clients may rely on the fields from the start.
        json.WriteStartArray("warnings"u8);
        foreach (var warning in result.Warnings)
        {
            json.WriteStartObject();
            json.WriteString("code"u8, SnakeCase.Of(warning.Code));
            json.WriteString("detail"u8, warning.Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        JsonAnswer.WriteTexts(json, "rate_limits"u8, []);
        JsonAnswer.WriteTexts(json, "quotas"u8, []);
        json.WriteStartObject("headers"u8);
        json.WriteEndObject();
        json.WriteString("request_id"u8, requestId);
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
