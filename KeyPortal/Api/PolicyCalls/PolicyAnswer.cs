using System.Text.Json;
using KeyPortal.Keys;
using KeyPortal.Organizations;

namespace KeyPortal.Api.PolicyCalls;

/// <summary>The policy and the catalogue on the wire.</summary>
internal static class PolicyAnswer
{
    public static void Write(Utf8JsonWriter json, OrganizationPolicy policy)
    {
        json.WriteStartObject();
        json.WriteString("default_expires_in"u8, policy.DefaultExpiry.WireName());
        JsonAnswer.WriteNumber(json, "max_lifetime_seconds"u8, policy.MaxLifetimeSeconds);
        json.WriteBoolean("never_expires_allowed"u8, policy.NeverExpiresAllowed);
        json.WriteNumber("keys_per_member"u8, policy.KeysPerMember);
        json.WriteNumber("default_grace_period_seconds"u8, policy.DefaultGracePeriodSeconds);
        JsonAnswer.WriteNumber(json, "rotation_age_seconds"u8, policy.RotationAgeSeconds);
        json.WriteBoolean("networks_required_for_live"u8, policy.NetworksRequiredForLive);
        JsonAnswer.WriteTexts(json, "approval_scopes"u8, policy.ApprovalScopes);
        json.WriteBoolean("limits_by_admins"u8, policy.LimitsByAdmins);
        json.WriteEndObject();
    }

    public static void WriteCatalogue(Utf8JsonWriter json, IReadOnlyList<CatalogueScope> catalogue)
    {
        json.WriteStartObject();
        json.WriteStartArray("data"u8);
        foreach (var scope in catalogue)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, scope.Name);
            json.WriteString("description"u8, scope.Description);
            json.WriteBoolean("publishable"u8, scope.Publishable);
            json.WriteBoolean("read_only"u8, scope.ReadOnly);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
