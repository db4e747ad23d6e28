using KeyPortal.Access.Members;

namespace KeyPortal.Access.Pages;

/// <summary>
/// A cookie that carries a secret from one of the door's pages to the next: out of reach of scripts, of other sites and of the address bar, and named
/// <c>__Host-…</c> on https as the session's own cookie is. None opens anything by itself.
/// </summary>
public sealed class DoorCookie
{
    /// <summary>The challenge token of a right password, on its way to the second step.</summary>
    public static readonly DoorCookie Challenge = new("keyportal-challenge", SignIn.ChallengeLifetime);

    /// <summary>The token of an invitation that was opened, while its holder signs in or thinks of a password.</summary>
    public static readonly DoorCookie Invitation = new("keyportal-invitation", OpenInvitations.KeptOpenFor);

    /// <summary>Says that this browser is known to an account.</summary>
    public static readonly DoorCookie Device = new("keyportal-device", KnownDevices.KeptFor);

    private readonly string _name;
    private readonly TimeSpan _lifetime;

    private DoorCookie(string name, TimeSpan lifetime) => (_name, _lifetime) = (name, lifetime);

    public string? Read(HttpContext context) => BrowserSession.IsSafeConnection(context) ? context.Request.Cookies[NameFor(context)] : null;

    public void Give(HttpContext context, SecretToken token) => Give(context, token.Expose());

    public void Give(HttpContext context, string value)
    {
        if (BrowserSession.IsSafeConnection(context))
        {
            context.Response.Cookies.Append(NameFor(context), value, Options(context, _lifetime));
        }
    }

    public void Drop(HttpContext context) => context.Response.Cookies.Delete(NameFor(context), Options(context, null));

    private static CookieOptions Options(HttpContext context, TimeSpan? maxAge) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        Path = "/",
        MaxAge = maxAge,
        IsEssential = true,
    };

    private string NameFor(HttpContext context) => context.Request.IsHttps ? "__Host-" + _name : _name;
}
