using System.Net;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace KeyPortal.Access;

/// <summary>
/// Names the session cookie for the connection it travels on: <c>__Host-keyportal</c> on https, where browsers then insist on Secure, Path=/ and no
/// Domain (RFC 6265bis §4.1.3.2), plain <c>keyportal</c> on http. A cookie set over http thus never opens the https site. Plain http is for this
/// machine only: from elsewhere a session cookie is neither given nor believed.
/// </summary>
internal sealed class SessionCookies : ICookieManager
{
    private readonly ChunkingCookieManager _cookies = new();

    /// <summary>Encrypted, or on this machine. No remote address at all is a connection inside the process.</summary>
    public static bool IsSafe(HttpContext context) =>
        context.Request.IsHttps || context.Connection.RemoteIpAddress is not { } address || IPAddress.IsLoopback(address);

    public string? GetRequestCookie(HttpContext context, string key) => IsSafe(context) ? _cookies.GetRequestCookie(context, NameFor(context, key)) : null;

    public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions options)
    {
        if (IsSafe(context))
        {
            _cookies.AppendResponseCookie(context, NameFor(context, key), value, options);
        }
    }

    public void DeleteCookie(HttpContext context, string key, CookieOptions options) =>
        _cookies.DeleteCookie(context, NameFor(context, key), options);

    private static string NameFor(HttpContext context, string key) => context.Request.IsHttps ? "__Host-" + key : key;
}
