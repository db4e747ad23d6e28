using System.Text.Json;
using KeyPortal.Api.KeyCalls;
using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api.ValidationCalls;

/// <summary>
/// <c>GET /api/v1/auth/key</c>: tells a key who it is, publishable keys too. It needs no scope, only to be good, and it is a validation like any
/// other: counted, with the caller's own address and Origin held against the key's rules.
/// </summary>
internal sealed class AuthKeyEndpoint(KeyValidator validator, KeyQueries queries, Membership membership, CredentialTransport transport)
{
    public async Task HandleAsync(HttpContext context) =>
        await ApiCall.AnswerAsync(context, await FindAsync(context), Write);

    private async Task<Outcome<(KeyView Key, OrganizationView Organization, LimitReport? Limits)>> FindAsync(HttpContext context)
    {
        var presented = PresentedCredential.Read(context.Request);
        if (presented.Refusal is { } ambiguous)
        {
            return ambiguous;
        }

        if (presented.Value is not null && transport.RefuseKey(context) is { } inTheClear)
        {
            return inTheClear;
        }

        var demand = new KeyDemand { Ip = RequestIdentity.OriginOf(context).Ip, Origin = context.Request.Headers.Origin };
        var result = presented.Value is { } key ? await validator.IdentifyAsync(new ValidationRequest { Key = key, Demand = demand }, context.RequestAborted) : null;
        if (result?.Limits is { } report)
        {
            LimitHeaders.Set(context.Response.Headers, report);
            if (!report.IsGranted)
            {
                return LimitReasons.RefusalOf(report);
            }
        }

        if (result is not { IsValid: true, Key: { } self })
        {
            // Whoever holds the secret may know what is wrong with it.
            return result is null ? PresentedCredential.Missing : PresentedCredential.Missing with { Detail = result.Reasons[0].Detail };
        }

        if (PresentedCredential.RefuseElsewhere(context, self.OrganizationId) is { } elsewhere)
        {
            return elsewhere;
        }

        return await membership.FindAsync(self.OwnerId, self.OrganizationId, context.RequestAborted) is { } organization
            ? (Tellable(await queries.FindSelfAsync(self, context.RequestAborted)), organization, result.Limits)
            : PresentedCredential.Missing with { Detail = "The key's owner is no longer a member." };
    }

    /// <summary>A publishable key is held by anyone who opens a web page: it learns what it may do, and nothing of the people behind it.</summary>
    private static KeyView Tellable(KeyView key) => key.Type != KeyType.Publishable ? key : key with
    {
        OwnerName = "",
        Description = null,
        AllowedIps = [],
        Metadata = new Dictionary<string, string>(),
        Tags = [],
        LastUsedIp = null,
    };

    private static void Write(Utf8JsonWriter json, (KeyView Key, OrganizationView Organization, LimitReport? Limits) self)
    {
        json.WriteStartObject();
        json.WritePropertyName("key"u8);
        KeyAnswer.Write(json, self.Key);
        json.WriteStartObject("organization"u8);
        json.WriteString("id"u8, self.Organization.Id);
        json.WriteString("name"u8, self.Organization.Name);
        json.WriteEndObject();
        json.WriteNull("agent"u8);
        JsonAnswer.WriteTexts(json, "scopes"u8, self.Key.Scopes);
        JsonAnswer.WriteTexts(json, "resources"u8, self.Key.Resources);
        json.WriteStartObject("limits"u8);
        LimitsAnswer.Write(json, self.Limits);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
