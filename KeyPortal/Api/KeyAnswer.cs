using System.Text.Json;
using KeyPortal.Keys;
using KeyPortal.Primitives;

namespace KeyPortal.Api;

/// <summary>A key on the wire.</summary>
internal static class KeyAnswer
{
    /// <summary>The one answer that holds a plaintext key: the record, and <c>key</c> beside it.</summary>
    public static void WriteIssued(Utf8JsonWriter json, IssuedKey issued)
    {
        json.WriteStartObject();
        json.WriteString("key"u8, issued.Plaintext.Expose());
        WriteFields(json, issued.Key);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, KeyView key)
    {
        json.WriteStartObject();
        WriteFields(json, key);
        json.WriteEndObject();
    }

    public static void WritePage(Utf8JsonWriter json, ResultPage<KeyView> page)
    {
        json.WriteStartObject();
        json.WriteStartArray("data"u8);
        foreach (var key in page.Items)
        {
            Write(json, key);
        }

        json.WriteEndArray();
        json.WriteNumber("total"u8, page.Total);
        json.WriteString("next_cursor"u8, page.NextCursor);
        json.WriteEndObject();
    }

    public static void WriteTexts(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void WriteFields(Utf8JsonWriter json, KeyView key)
    {
        json.WriteString("id"u8, key.Id);
        json.WriteString("name"u8, key.Name);
        json.WriteString("description"u8, key.Description);
        json.WriteString("organization_id"u8, key.OrganizationId);
        json.WriteStartObject("owner"u8);
        json.WriteString("type"u8, "member"u8);
        json.WriteString("id"u8, key.OwnerId);
        json.WriteString("name"u8, key.OwnerName);
        json.WriteEndObject();
        json.WriteNull("agent_id"u8);
        json.WriteString("type"u8, SnakeCase.Of(key.Type));
        json.WriteString("environment"u8, SnakeCase.Of(key.Environment));
        json.WriteString("start"u8, key.Start);
        json.WriteString("status"u8, SnakeCase.Of(key.Status));
        json.WriteString("not_before"u8, WireTime.Of(key.NotBefore));
        WriteTexts(json, "scopes"u8, key.Scopes);
        WriteTexts(json, "allowed_ips"u8, key.AllowedIps);
        WriteTexts(json, "allowed_origins"u8, key.AllowedOrigins);
        WriteTexts(json, "resources"u8, key.Resources);
        WriteTexts(json, "rate_limits"u8, []);
        WriteTexts(json, "quotas"u8, []);
        json.WriteStartObject("metadata"u8);
        foreach (var (name, value) in key.Metadata)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        WriteTexts(json, "tags"u8, key.Tags);
        WriteHistory(json, key);
    }

    private static void WriteHistory(Utf8JsonWriter json, KeyView key)
    {
        json.WriteString("created_at"u8, WireTime.Of(key.CreatedAt));
        json.WriteString("created_by"u8, key.CreatedBy);
        json.WriteString("expires_at"u8, WireTime.Of(key.ExpiresAt));
        json.WriteString("last_used_at"u8, WireTime.Of(key.LastUsedAt));
        json.WriteString("last_used_ip"u8, key.LastUsedIp);
        json.WriteString("rotated_at"u8, WireTime.Of(key.RotatedAt));
        json.WriteString("previous_valid_until"u8, WireTime.Of(key.PreviousValidUntil));
        json.WriteString("revoked_at"u8, WireTime.Of(key.RevokedAt));
        json.WriteString("revoked_by"u8, key.RevokedBy);
        json.WriteString("revocation_reason"u8, key.RevocationReason is { } reason ? SnakeCase.Of(reason) : null);
        json.WriteNumber("secret_version"u8, key.SecretVersion);
    }
}
