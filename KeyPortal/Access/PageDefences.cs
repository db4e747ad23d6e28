using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace KeyPortal.Access;

/// <summary>
/// What every answer to a browser says in its own defence, and the one request that is refused before anybody is asked who they are: a
/// circuit opened by a foreign page.
/// </summary>
public static class PageDefences
{
    private const string NonceItem = "kp_csp_nonce";
    private static readonly PathString Circuits = new("/_blazor");

    /// <summary>The value that lets this page's own script elements run, new for each answer.</summary>
    public static string NonceOf(HttpContext context) =>
        context.Items[NonceItem] as string ?? (string)(context.Items[NonceItem] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)));

    public static void UsePageDefences(this WebApplication app)
    {
        var publicUrl = app.Services.GetRequiredService<IOptions<PublicSettings>>().Value.PublicUrl;
        app.Use((context, next) =>
        {
            if (context.Request.Path.StartsWithSegments(Circuits, StringComparison.OrdinalIgnoreCase) && IsForeign(context.Request, publicUrl))
            {
                // A WebSocket is not bound by the same-origin policy and carries cookies: without this any page could drive a signed-in person's circuit.
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                return Task.CompletedTask;
            }

            Defend(context);
            return next(context);
        });
    }

    /// <summary>
    /// Opens circuits for signed-in people only: each holds memory here for as long as its connection stands, and every page that needs one needs a
    /// person too. Their other requests, such as the one that ends a circuit when its page closes, may come after signing out.
    /// </summary>
    public static void UseCircuitDoor(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        if (!IsOpening(context.Request.Path) || context.User.Identity is { IsAuthenticated: true })
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.ContentLength = 0; // An empty body is the whole answer: no page is to be put in its place.
        return Task.CompletedTask;
    });

    private static bool IsOpening(PathString path) =>
        path.StartsWithSegments(Circuits, StringComparison.OrdinalIgnoreCase, out var rest) && (!rest.HasValue || rest.Value is "/" || rest.StartsWithSegments("/negotiate", StringComparison.OrdinalIgnoreCase));

    /// <summary>A browser names the page's origin on every WebSocket and cross-site POST; <c>null</c> is a sandboxed or otherwise foreign page. No Origin at all is no browser.</summary>
    private static bool IsForeign(HttpRequest request, string? publicUrl) =>
        request.Headers.Origin is { Count: > 0 } origin
        && (origin.Count > 1 || !string.Equals(origin[0], OwnOrigin.For(request, publicUrl), StringComparison.OrdinalIgnoreCase));

    private static void Defend(HttpContext context)
    {
        var headers = context.Response.Headers;
        // https://www.w3.org/TR/CSP3/: scripts run by nonce only, and what they load themselves. Styles may stand in attributes: Radzen's charts and dialogs set sizes there.
        headers.ContentSecurityPolicy =
            $"default-src 'self'; script-src 'nonce-{NonceOf(context)}' 'strict-dynamic'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
            + "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        if (context.Request.IsHttps)
        {
            headers[HeaderNames.StrictTransportSecurity] = "max-age=31536000";
        }
    }
}
