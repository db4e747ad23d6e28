using System.Text.Json;
using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api;

/// <summary><c>GET /api/v1/auth/key</c>: tells a key who it is. It needs no scope, only to be good.</summary>
internal sealed class AuthKeyEndpoint(CallerAuthentication callers, KeyQueries queries, Membership membership)
{
    public async Task HandleAsync(HttpContext context) =>
        await ApiCall.AnswerAsync(context, await ApiCall.RunAsync(context, callers, async actor => await FindAsync(actor, context.RequestAborted)), Write);

    private async Task<Outcome<(KeyView Key, OrganizationView Organization)>> FindAsync(Actor actor, CancellationToken cancellationToken)
    {
        var found = await queries.FindSelfAsync(actor, cancellationToken);
        return !found.Succeeded(out var key, out var refusal) ? refusal
            : await membership.FindAsync(actor.MemberId, actor.OrganizationId, cancellationToken) is { } organization ? (key, organization)
            : PresentedCredential.Missing;
    }

    private static void Write(Utf8JsonWriter json, (KeyView Key, OrganizationView Organization) self)
    {
        json.WriteStartObject();
        json.WritePropertyName("key"u8);
        KeyAnswer.Write(json, self.Key);
        json.WriteStartObject("organization"u8);
        json.WriteString("id"u8, self.Organization.Id);
        json.WriteString("name"u8, self.Organization.Name);
        json.WriteEndObject();
        json.WriteNull("agent"u8);
        KeyAnswer.WriteTexts(json, "scopes"u8, self.Key.Scopes);
        KeyAnswer.WriteTexts(json, "resources"u8, self.Key.Resources);
        json.WriteStartObject("limits"u8);
        KeyAnswer.WriteTexts(json, "rate_limits"u8, []);
        KeyAnswer.WriteTexts(json, "quotas"u8, []);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
