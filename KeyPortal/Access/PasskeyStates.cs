using System.Security.Cryptography;
using System.Text;
using KeyPortal.Primitives;
using Microsoft.AspNetCore.DataProtection;

namespace KeyPortal.Access;

/// <summary>What a passkey is asked for. An answer to one question answers no other.</summary>
public enum PasskeyPurpose
{
    /// <summary>Signing in with nothing else: whose passkey it is, it tells itself.</summary>
    SignIn,

    /// <summary>Following a right password.</summary>
    SecondStep,

    /// <summary>Showing again that it is still the same person.</summary>
    Confirmation,

    /// <summary>Adding a new one.</summary>
    Enrolment,
}

/// <summary>
/// Remembers between question and answer what was asked, in a cookie: encrypted with the data-protection ring, good for five minutes, for one purpose
/// and one account or session, and once.
/// </summary>
/// <remarks>
/// The cookie's text is <c>1764000000000 LF {"challenge":…}</c>: when it ends, in milliseconds since 1970, and what the framework wants back. Deleting
/// the cookie stops no copy of it, so answered questions are also remembered here until they would have ended.
/// </remarks>
public sealed class PasskeyStates(IDataProtectionProvider protection, TimeProvider clock)
{
    private const string CookieName = "keyportal-passkey";
    private const int Remembered = 100_000;
    private const string Root = "KeyPortal.Access.PasskeyStates";

    private readonly SessionCookies _cookies = new();
    private readonly Lock _changing = new();
    private readonly Dictionary<string, DateTimeOffset> _answered = new(StringComparer.Ordinal);

    /// <summary>Gives the browser the state to bring back, in place of any it had. <paramref name="bound"/> is the account's or the session's id, or empty.</summary>
    public void Give(HttpContext context, PasskeyPurpose purpose, string bound, string state)
    {
        var until = (clock.Now() + PasskeyRules.Patience).ToUnixTimeMilliseconds();
        _cookies.AppendResponseCookie(context, CookieName, For(purpose, bound).Protect($"{until}\n{state}"), Options(context));
    }

    /// <summary>Takes back what was given for this purpose and <paramref name="bound"/>; null when there is none, it is too old, or it was taken before.</summary>
    public string? Take(HttpContext context, PasskeyPurpose purpose, string bound)
    {
        if (_cookies.GetRequestCookie(context, CookieName) is not { } cookie)
        {
            return null;
        }

        _cookies.DeleteCookie(context, CookieName, Options(context));
        string text;
        try
        {
            text = For(purpose, bound).Unprotect(cookie);
        }
        catch (CryptographicException)
        {
            return null;
        }

        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var until = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(text.AsSpan(0, end)));
        return until > clock.Now() && TryAnswer(text, until) ? text[(end + 1)..] : null;
    }

    /// <summary>True once for each text. When too many are remembered none is taken any more: a forgotten one could be answered twice.</summary>
    private bool TryAnswer(string text, DateTimeOffset until)
    {
        var known = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        lock (_changing)
        {
            if (_answered.Count >= Remembered)
            {
                var now = clock.Now();
                foreach (var old in _answered.Where(a => a.Value <= now).Select(a => a.Key).ToList())
                {
                    _answered.Remove(old);
                }
            }

            return _answered.Count < Remembered && _answered.TryAdd(known, until);
        }
    }

    private IDataProtector For(PasskeyPurpose purpose, string bound) => protection.CreateProtector(Root, purpose.ToString(), bound);

    private static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true,
        Secure = context.Request.IsHttps,
        SameSite = SameSiteMode.Strict,
        Path = "/",
        MaxAge = PasskeyRules.Patience,
        IsEssential = true,
    };
}
