using System.Text.Json;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Storage;

namespace KeyPortal.Api.KeyCalls;

/// <summary>A key, with its plaintext where this is the answer to the call that made it; a repeated call has none.</summary>
internal sealed record KeyOnce(KeyView Key, PlaintextKey? Plaintext)
{
    public static Outcome<KeyOnce> Of(Outcome<IssuedKey> issued) => issued.Succeeded(out var key, out var refusal) ? new KeyOnce(key.Key, key.Plaintext) : refusal;

    public static Outcome<KeyOnce> Again(Outcome<KeyView> found) => found.Succeeded(out var key, out var refusal) ? new KeyOnce(key, null) : refusal;
}

/// <summary>A key on the wire.</summary>
internal static class KeyAnswer
{
    /// <summary>The one answer that holds a plaintext key: the record, and <c>key</c> beside it. Told again, the record alone.</summary>
    public static void WriteIssued(Utf8JsonWriter json, KeyOnce issued)
    {
        json.WriteStartObject();
        if (issued.Plaintext is { } plaintext)
        {
            json.WriteString("key"u8, plaintext.Expose());
        }

        WriteFields(json, issued.Key);
        json.WriteEndObject();
    }

    /// <summary>The record's entity tag. Last use is no part of it: a key in use could never be changed with <c>If-Match</c>.</summary>
    public static string TagOf(KeyView key) => ETag.Of(key with { LastUsedAt = null, LastUsedIp = null }, Write);

    /// <summary>What the request demands of the key it changes: that it still is what <c>If-Match</c> names.</summary>
    public static CallTerms TermsOf(HttpContext context, OnceOnly? once = null)
    {
        var ifMatch = context.Request.Headers.IfMatch;
        return new CallTerms { Expects = ifMatch.Count == 0 ? null : key => ETag.IsWanted(ifMatch, () => TagOf(key)), Once = once };
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
        JsonAnswer.WriteTexts(json, "scopes"u8, key.Scopes);
        JsonAnswer.WriteTexts(json, "allowed_ips"u8, key.AllowedIps);
        JsonAnswer.WriteTexts(json, "allowed_origins"u8, key.AllowedOrigins);
        JsonAnswer.WriteTexts(json, "resources"u8, key.Resources);
        LimitsAnswer.Write(json, key.RateLimits, key.Quotas);
        json.WriteString("tier"u8, key.Tier);
        json.WriteStartObject("metadata"u8);
        foreach (var (name, value) in key.Metadata)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        JsonAnswer.WriteTexts(json, "tags"u8, key.Tags);
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
        JsonAnswer.WriteNumber(json, "rotation_age_seconds"u8, key.RotationAgeSeconds);
        json.WriteString("rotation_due_at"u8, WireTime.Of(key.RotationDueAt));
        json.WriteString("revoked_at"u8, WireTime.Of(key.RevokedAt));
        json.WriteString("revoked_by"u8, key.RevokedBy);
        json.WriteString("revocation_reason"u8, key.RevocationReason is { } reason ? SnakeCase.Of(reason) : null);
        json.WriteNumber("secret_version"u8, key.SecretVersion);
    }
}
