using KeyPortal.Primitives;
using KeyPortal.Validation;
using Microsoft.Extensions.Primitives;

namespace KeyPortal.Api;

/// <summary>The caller's own credential: <c>Authorization: Bearer …</c> or <c>X-API-Key: …</c>. Both are fine when they are the same; never in a URL, which logs keep.</summary>
internal static class PresentedCredential
{
    public const string KeyHeader = "X-API-Key";
    private const string Bearer = "Bearer ";
    private const string OrganizationParameter = "organization_id";

    public static readonly Refusal Ambiguous = new(RefusalKind.Malformed, "ambiguous_credential", "The request names two different credentials. Send one.");

    public static readonly Refusal Missing = new(RefusalKind.Unauthenticated, "unauthenticated", "Send a key as 'Authorization: Bearer <key>' or 'X-API-Key: <key>'.");

    /// <summary>The text presented; null where there is none. Refuses two that differ (400).</summary>
    public static Outcome<string?> Read(HttpRequest request)
    {
        var authorization = request.Headers.Authorization;
        var key = request.Headers[KeyHeader];
        if (authorization.Count > 1 || key.Count > 1)
        {
            return Ambiguous;
        }

        var bearer = BearerOf(authorization);
        var plain = StringValues.IsNullOrEmpty(key) ? null : (string?)key;
        return bearer is not null && plain is not null && bearer != plain ? Ambiguous : plain ?? bearer;
    }

    /// <summary>The actor behind the credential; 404 where the request names an organization that is not the credential's.</summary>
    public static async ValueTask<Outcome<Actor>> AuthenticateAsync(HttpContext context, CallerAuthentication callers)
    {
        var read = Read(context.Request);
        if (read.Refusal is { } ambiguous)
        {
            return ambiguous;
        }

        if (read.Value is not { } presented)
        {
            return Missing;
        }

        var caller = await callers.AuthenticateAsync(presented, RequestIdentity.OriginOf(context), context.RequestAborted);
        return caller.Refusal is null && RefuseElsewhere(context, caller.Value.OrganizationId) is { } elsewhere ? elsewhere : caller;
    }

    /// <summary>Refuses a query that names another organization than the credential's.</summary>
    public static Refusal? RefuseElsewhere(HttpContext context, string ownId) =>
        context.Request.QueryString.HasValue ? RefuseElsewhere(ownId, context.Request.Query[OrganizationParameter]) : null;

    /// <summary>A key belongs to one organization, so naming another one names nothing that is there.</summary>
    public static Refusal? RefuseElsewhere(string ownId, StringValues named)
    {
        foreach (var id in named)
        {
            if (id != ownId)
            {
                return Refusal.NotFound("organization");
            }
        }

        return null;
    }

    private static string? BearerOf(StringValues authorization) =>
        (string?)authorization is { } text && text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && text[Bearer.Length..].Trim() is { Length: > 0 } bearer ? bearer : null;
}
