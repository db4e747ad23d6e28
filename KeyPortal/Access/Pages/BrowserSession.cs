using KeyPortal.Organizations;
using KeyPortal.Primitives;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;

namespace KeyPortal.Access.Pages;

/// <summary>A person's session as HTTP sees it: a cookie that begins at sign-in and ends at sign-out.</summary>
public static class BrowserSession
{
    public const string SwitchPath = "/switch-organization";

    /// <summary>Passwords and session cookies travel over https, or not at all off this machine.</summary>
    public static bool IsSafeConnection(HttpContext context) => SessionCookies.IsSafe(context);

    public static Origin OriginOf(HttpContext context) =>
        new(AccessFeature.AddressOf(context.Connection.RemoteIpAddress), context.Request.Headers.UserAgent, context.TraceIdentifier);

    /// <summary>
    /// Gives the browser its cookie, in place of any it had, and one that makes it known to the account. The session it leaves behind ends, whoever's it was: an id that was known before is worth
    /// nothing after.
    /// </summary>
    public static async Task StartAsync(HttpContext context, SessionReference session)
    {
        if (SessionClaims.Read(context.User) is { } before && before.SessionId != session.SessionId)
        {
            await context.RequestServices.GetRequiredService<SignIn>().EndAsync(before.UserId, before.SessionId, OriginOf(context), context.RequestAborted);
        }

        await context.SignInAsync(SessionClaims.Scheme, SessionClaims.Principal(session));
        var user = await context.RequestServices.GetRequiredService<Accounts>().GetAsync(session.UserId, context.RequestAborted);
        DoorCookie.Device.Give(context, context.RequestServices.GetRequiredService<KnownDevices>().Seal(user, DoorCookie.Device.Read(context)));
    }

    /// <summary>
    /// Where to go after sign-in: a path of this site, else the overview. <c>//host</c> and <c>/\host</c> are other sites to a browser, and what is
    /// not printable ASCII is no URL (RFC 3986 §2) and cannot stand in a header.
    /// </summary>
    public static string SafeReturn(string? path) =>
        path is ['/', ..] and not ['/', '/' or '\\', ..] && path.All(c => c is > ' ' and <= '~') ? path : "/";

    /// <summary>Sign-out and the change of organization are POSTs with an antiforgery token: no foreign page may end or move somebody's session.</summary>
    public static void MapSession(this WebApplication app)
    {
        app.MapPost("/sign-out", EndAsync).WithMetadata(new NeedsNothingAttribute("whoever is signed in may leave"));
        app.MapPost(SwitchPath, SwitchAsync).WithMetadata(new NeedsNothingAttribute("whoever is signed in may go to an organization they are a member of"));
    }

    private static async Task<IResult> EndAsync(HttpContext context, [FromServices] IAntiforgery antiforgery, [FromServices] SignIn signIn)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
        {
            return OutOfDate;
        }

        if (SessionClaims.Read(context.User) is { } session)
        {
            await signIn.EndAsync(session.UserId, session.SessionId, OriginOf(context), context.RequestAborted);
            await context.SignOutAsync(SessionClaims.Scheme);
        }

        // Somebody else may be about to sign in, to go on with the page that asked for it.
        var next = (await context.Request.ReadFormAsync(context.RequestAborted))["return"].ToString();
        return Results.Redirect(next.Length == 0 ? AccessFeature.SignInPath : $"{AccessFeature.SignInPath}?return={Uri.EscapeDataString(SafeReturn(next))}");
    }

    /// <summary>The session stays; only the cookie names another organization. Rights are read there at each act, so a forged id opens nothing.</summary>
    private static async Task<IResult> SwitchAsync(HttpContext context, [FromServices] IAntiforgery antiforgery, [FromServices] Membership membership)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
        {
            return OutOfDate;
        }

        var organizationId = (await context.Request.ReadFormAsync(context.RequestAborted))["organization_id"].ToString();
        if (SessionClaims.Read(context.User) is { } session && await membership.FindAsync(session.UserId, organizationId, context.RequestAborted) is not null)
        {
            await StartAsync(context, session with { OrganizationId = organizationId });
        }

        return Results.Redirect("/");
    }

    private static IResult OutOfDate => Results.Text("This form is out of date. Go back, reload the page and try again.", statusCode: StatusCodes.Status400BadRequest);
}
