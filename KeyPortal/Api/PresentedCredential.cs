using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api;

/// <summary>The caller's own credential: <c>Authorization: Bearer …</c> or <c>X-API-Key: …</c>. Both are fine when they are the same; never in a URL, which logs keep.</summary>
internal static class PresentedCredential
{
    public const string KeyHeader = "X-API-Key";
    private const string Bearer = "Bearer ";

    public static readonly Refusal Ambiguous = new(RefusalKind.Malformed, "ambiguous_credential", "Authorization and X-API-Key name two different credentials. Send one.");

    public static readonly Refusal Missing = new(RefusalKind.Unauthenticated, "unauthenticated", "Send a key as 'Authorization: Bearer <key>' or 'X-API-Key: <key>'.");

    /// <summary>The text presented; null where there is none. Refuses two that differ (400).</summary>
    public static Outcome<string?> Read(HttpRequest request)
    {
        string? authorization = request.Headers.Authorization;
        string? key = request.Headers[KeyHeader];
        var bearer = authorization is not null && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim() : null;
        return bearer is not null && key is not null && bearer != key ? Ambiguous : key ?? bearer;
    }

    public static async ValueTask<Outcome<Actor>> AuthenticateAsync(HttpContext context, CallerAuthentication callers)
    {
        var read = Read(context.Request);
        return read.Refusal is { } ambiguous ? ambiguous
            : read.Value is not { } presented ? Missing
            : await callers.AuthenticateAsync(presented, RequestIdentity.OriginOf(context), context.RequestAborted);
    }
}
