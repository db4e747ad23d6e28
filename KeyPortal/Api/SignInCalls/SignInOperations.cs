using KeyPortal.Api.Description;
using KeyPortal.Primitives;

namespace KeyPortal.Api.SignInCalls;

/// <summary>What the description says of the calls by which programs act for a person.</summary>
internal static class SignInOperations
{
    private const string Tag = "sign-in";

    public static readonly ApiOperation Login = new(Tag, "login", "Show a person's e-mail and password; begins nothing without the second factor", "SecondFactorRequired")
    {
        NeedsNoActBecause = "whoever is to sign in",
        Credential = ApiCredential.None,
        Body = "LoginRequest",
        Problems = [400, 401, 403, 413, 415, 422, 429],
    };

    public static readonly ApiOperation ShowSecondFactor = new(Tag, "showSecondFactor", "Show the second factor and get tokens", "Tokens")
    {
        NeedsNoActBecause = "whoever has shown a password",
        Credential = ApiCredential.None,
        Body = "SecondFactorRequest",
        Problems = [400, 401, 403, 413, 415, 422, 429],
    };

    public static readonly ApiOperation Refresh = new(Tag, "refreshTokens", "Use up a refresh token for the next two tokens", "Tokens")
    {
        NeedsNoActBecause = "whoever holds a refresh token",
        Credential = ApiCredential.None,
        Body = "RefreshRequest",
        Problems = [400, 401, 403, 413, 415, 422, 429],
    };

    public static readonly ApiOperation Logout = new(Tag, "logout", "End the session of the access token", null)
    {
        NeedsNoActBecause = "whoever is signed in may leave",
        Credential = ApiCredential.AccessToken,
        Success = StatusCodes.Status204NoContent,
        Problems = [400, 401],
    };

    public static readonly ApiOperation Jwks = new(Tag, "getJwks", "The public keys of tokens", "JsonWebKeySet")
    {
        NeedsNoActBecause = "public keys are public",
        Credential = ApiCredential.None,
        Headers = ["Access-Control-Allow-Origin"],
    };
}
