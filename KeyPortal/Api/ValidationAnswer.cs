using System.Text.Json;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api;

/// <summary>A decision on the wire.</summary>
internal static class ValidationAnswer
{
    public static void Write(Utf8JsonWriter json, ValidationResult result, string requestId)
    {
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
        foreach (var none in (ReadOnlySpan<string>)["warnings", "rate_limits", "quotas"])
        {
            json.WriteStartArray(none);
            json.WriteEndArray();
        }

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
        json.WriteStartArray("resources"u8);
        foreach (var resource in key.Resources)
        {
            json.WriteStringValue(resource);
        }

        json.WriteEndArray();
        if (key.ExpiresAt is { } expiresAt)
        {
            json.WriteString("expires_at"u8, WireTime.Of(expiresAt));
        }
        else
        {
            json.WriteNull("expires_at"u8);
        }

        json.WriteStartObject("metadata"u8);
        foreach (var (name, value) in key.Metadata)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
    }
}

/// <summary>RFC 3339 in UTC with a <c>Z</c>; fractions only where there are any.</summary>
internal static class WireTime
{
    public static string Of(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'");
}
