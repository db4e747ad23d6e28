using KeyPortal.Access;
using KeyPortal.Access.Tokens;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Validation;
using Microsoft.Extensions.Primitives;

namespace KeyPortal.Api;

/// <summary>
/// The caller's own credential: <c>Authorization: Bearer …</c> with an access token or a key, or <c>X-API-Key: …</c> with a key. Both headers are fine
/// when they hold the same key; never in a URL, which logs keep.
/// </summary>
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

    /// <summary>
    /// The key that a gateway's client presented; null where there is none. A <c>Bearer</c> that is no key is the business of what stands behind the gateway,
    /// as long as <c>X-API-Key</c> has one.
    /// </summary>
    public static Outcome<string?> ReadForwarded(HttpRequest request)
    {
        var read = Read(request);
        return read.Refusal is not null && request.Headers[KeyHeader] is [{ Length: > 0 } key] && BearerOf(request.Headers.Authorization) is { } bearer && !PlaintextKey.TryParse(bearer, out _)
            ? key
            : read.Refusal is not null ? Ambiguous with { Kind = RefusalKind.Unauthenticated }
            : read;
    }

    /// <summary>
    /// Who is behind the credential. Refuses 403 where it came in the clear, 404 where the request names an organization that is not the credential's, and 422 where a person of
    /// several names none.
    /// </summary>
    public static async ValueTask<Outcome<Caller>> AuthenticateAsync(HttpContext context, CallerAuthentication callers, CredentialTransport transport)
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

        var isToken = IsToken(context.Request, presented);
        if ((isToken ? CredentialTransport.RefuseToken(context) : transport.RefuseKey(context)) is { } inTheClear)
        {
            return inTheClear;
        }

        var caller = isToken
            ? await callers.AuthenticateMemberAsync(presented, NamedOrganization(context), RequestIdentity.OriginOf(context), context.RequestAborted)
            : await callers.AuthenticateAsync(presented, RequestIdentity.OriginOf(context), context.RequestAborted);
        return caller.Refusal is null && RefuseElsewhere(context, caller.Value.Actor.OrganizationId) is { } elsewhere ? elsewhere : caller;
    }

    /// <summary>The session behind an access token, for calls that are about the session itself.</summary>
    public static async ValueTask<Outcome<Session>> FindSessionAsync(HttpContext context, CallerAuthentication callers)
    {
        var read = Read(context.Request);
        return read.Refusal is { } ambiguous ? ambiguous
            : read.Value is { } presented && IsToken(context.Request, presented) ? CredentialTransport.RefuseToken(context) is { } inTheClear ? inTheClear : await callers.FindSessionAsync(presented, context.RequestAborted)
            : CallerAuthentication.Unauthenticated;
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

    /// <summary>A token is never in <c>X-API-Key</c>. Two characters tell most keys apart, so that they pay nothing for this.</summary>
    private static bool IsToken(HttpRequest request, string presented) => AccessTokens.Resembles(presented) && !request.Headers.ContainsKey(KeyHeader);

    private static string? NamedOrganization(HttpContext context) => context.Request.Query[OrganizationParameter] is [{ } first, ..] ? first : null;

    private static string? BearerOf(StringValues authorization) =>
        (string?)authorization is { } text && text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && text[Bearer.Length..].Trim() is { Length: > 0 } bearer ? bearer : null;
}
