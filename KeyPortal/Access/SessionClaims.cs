using System.Security.Claims;
using KeyPortal.Primitives;

namespace KeyPortal.Access;

/// <summary>What a session cookie says: which session, whose, and in which organization this browser works.</summary>
public sealed record SessionReference(string SessionId, string UserId, string OrganizationId);

/// <summary>What a signed-in person's cookie and circuit carry. Rights are not in it: they are read from the database at each act, and so is whether the session still lives.</summary>
public static class SessionClaims
{
    public const string Scheme = "KeyPortal";

    /// <summary>
    /// The framework binds a form's antiforgery token to the claim of this name where there is one, and else to all claims: to the address and the browser's
    /// name too, so that a form on a phone that changed its network would be refused.
    /// </summary>
    private const string SessionId = "sub";

    private const string UserId = "kp_user";
    private const string OrganizationId = "kp_organization";
    private const string Ip = "kp_ip";
    private const string UserAgent = "kp_user_agent";

    public static ClaimsPrincipal Principal(SessionReference session) =>
        new(new ClaimsIdentity(
            [new Claim(SessionId, session.SessionId), new Claim(UserId, session.UserId), new Claim(OrganizationId, session.OrganizationId)], Scheme, UserId, roleType: null));

    public static SessionReference? Read(ClaimsPrincipal principal) =>
        principal.Identity is { IsAuthenticated: true, AuthenticationType: Scheme }
        && principal.FindFirst(SessionId)?.Value is { } session
        && principal.FindFirst(UserId)?.Value is { } user
        && principal.FindFirst(OrganizationId)?.Value is { } organization
            ? new SessionReference(session, user, organization)
            : null;

    /// <summary>
    /// Writes where this connection comes from onto the principal. A Blazor circuit keeps the principal of the connection that opened it and has no
    /// other way to know the address.
    /// </summary>
    public static void Stamp(ClaimsPrincipal principal, string? ip, string? userAgent)
    {
        if (principal.Identity is ClaimsIdentity { IsAuthenticated: true } identity)
        {
            // Whatever a cookie brought along is where some earlier connection came from.
            foreach (var old in identity.FindAll(c => c.Type is Ip or UserAgent).ToList())
            {
                identity.RemoveClaim(old);
            }

            identity.AddClaims([new Claim(Ip, ip ?? ""), new Claim(UserAgent, Origin.Cut(userAgent) ?? "")]);
        }
    }

    public static Origin OriginOf(ClaimsPrincipal principal, string requestId) =>
        new(NullIfEmpty(principal.FindFirst(Ip)?.Value), NullIfEmpty(principal.FindFirst(UserAgent)?.Value), requestId);

    private static string? NullIfEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
