namespace KeyPortal.Access.Pages;

/// <summary>
/// Carries the challenge token of a right password from the sign-in page to the second step: out of reach of scripts, of other sites and of the address
/// bar, and named <c>__Host-…</c> on https as the session's own cookie is. It opens nothing but the second step.
/// </summary>
public static class ChallengeCookie
{
    private const string Name = "keyportal-challenge";

    public static string? Read(HttpContext context) => BrowserSession.IsSafeConnection(context) ? context.Request.Cookies[NameFor(context)] : null;

    public static void Give(HttpContext context, SecretToken token)
    {
        if (BrowserSession.IsSafeConnection(context))
        {
            context.Response.Cookies.Append(NameFor(context), token.Expose(), Options(context, SignIn.ChallengeLifetime));
        }
    }

    public static void Drop(HttpContext context) => context.Response.Cookies.Delete(NameFor(context), Options(context, null));

    private static CookieOptions Options(HttpContext context, TimeSpan? maxAge) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        Path = "/",
        MaxAge = maxAge,
        IsEssential = true,
    };

    private static string NameFor(HttpContext context) => context.Request.IsHttps ? "__Host-" + Name : Name;
}
