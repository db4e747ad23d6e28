using KeyPortal.Primitives;

namespace KeyPortal.Api;

/// <summary>What a call wants to know of its caller.</summary>
internal enum ApiCredential
{
    /// <summary>A key or an access token.</summary>
    Any,

    AccessToken,

    None,
}

/// <summary>
/// What the description of the API says of one route; hangs on the route itself, so that neither can be there without the other.
/// Schemas are those of <see cref="ApiSchemas"/>.
/// </summary>
/// <remarks><paramref name="Answer"/> is the schema of the answer; null where it has no body.</remarks>
internal sealed record ApiOperation(string Id, string Summary, string? Answer)
{
    public ApiCredential Credential { get; init; }

    /// <summary>The row of the role × act table that the call stands under; null where <see cref="NeedsNoActBecause"/> says why there is none.</summary>
    public Act? Act { get; init; }

    public string? NeedsNoActBecause { get; init; }

    public int Success { get; init; } = StatusCodes.Status200OK;

    /// <summary>The schema of the body; null where none is taken.</summary>
    public string? Body { get; init; }

    public bool BodyIsOptional { get; init; }

    /// <summary>Takes the filters of a list.</summary>
    public bool IsList { get; init; }

    /// <summary>Problems besides those any call may meet: 500 and 503, and with a key 400, 401 and 404 too.</summary>
    public int[] Problems { get; init; } = [];

    public static readonly ApiOperation Validate = new("validateKey", "Decide whether a key may do this, now", "Validation")
    {
        Act = Primitives.Act.ValidateKeys,
        Body = "ValidateRequest",
        Problems = [403, 413, 415, 422],
    };

    public static readonly ApiOperation Create = new("createKey", "Create a key; the only answer that ever shows it", "IssuedKey")
    {
        Act = Primitives.Act.CreateKeys,
        Success = StatusCodes.Status201Created,
        Body = "KeyRequest",
        Problems = [403, 409, 413, 415, 422, 429],
    };

    public static readonly ApiOperation List = new("listKeys", "List keys, newest first unless sorted otherwise", "KeyPage") { Act = Primitives.Act.ReadKeys, IsList = true, Problems = [403, 422] };

    public static readonly ApiOperation Get = new("getKey", "Read a key's record", "Key") { Act = Primitives.Act.ReadKeys, Problems = [403] };

    public static readonly ApiOperation Replace = new("replaceKey", "Replace all that can change about a key; what is not named gets its default", "Key")
    {
        Act = Primitives.Act.ChangeKeys,
        Body = "KeyRequest",
        Problems = [403, 409, 413, 415, 422],
    };

    public static readonly ApiOperation Change = new("changeKey", "Change the named fields of a key and no others", "Key")
    {
        Act = Primitives.Act.ChangeKeys,
        Body = "KeyPatch",
        Problems = [403, 409, 413, 415, 422],
    };

    public static readonly ApiOperation Delete = new("deleteKey", "Revoke a key at once and for good; its record stays", "Key") { Act = Primitives.Act.ChangeKeys, Problems = [403, 413, 415, 422] };

    public static readonly ApiOperation Revoke = new("revokeKey", "Revoke a key at once and for good, with a reason", "Key")
    {
        Act = Primitives.Act.ChangeKeys,
        Body = "RevokeRequest",
        BodyIsOptional = true,
        Problems = [403, 413, 415, 422],
    };

    public static readonly ApiOperation Rotate = new("rotateKey", "Give a key a new secret; the only answer that ever shows it", "IssuedKey")
    {
        Act = Primitives.Act.ChangeKeys,
        Body = "RotateRequest",
        BodyIsOptional = true,
        Problems = [403, 409, 413, 415, 422, 429],
    };

    public static readonly ApiOperation Disable = new("disableKey", "Switch a key off until it is enabled again", "Key") { Act = Primitives.Act.ChangeKeys, Problems = [403, 409, 413, 415] };

    public static readonly ApiOperation Enable = new("enableKey", "Switch a disabled key on again", "Key") { Act = Primitives.Act.ChangeKeys, Problems = [403, 409, 413, 415] };

    public static readonly ApiOperation Login = new("login", "Show a person's e-mail and password; begins nothing without the second factor", "SecondFactorRequired")
    {
        NeedsNoActBecause = "whoever is to sign in",
        Credential = ApiCredential.None,
        Body = "LoginRequest",
        Problems = [400, 401, 403, 413, 415, 422, 429],
    };

    public static readonly ApiOperation ShowSecondFactor = new("showSecondFactor", "Show the second factor and get tokens", "Tokens")
    {
        NeedsNoActBecause = "whoever has shown a password",
        Credential = ApiCredential.None,
        Body = "SecondFactorRequest",
        Problems = [400, 401, 403, 413, 415, 422, 429],
    };

    public static readonly ApiOperation Refresh = new("refreshTokens", "Use up a refresh token for the next two tokens", "Tokens")
    {
        NeedsNoActBecause = "whoever holds a refresh token",
        Credential = ApiCredential.None,
        Body = "RefreshRequest",
        Problems = [400, 401, 403, 413, 415, 422, 429],
    };

    public static readonly ApiOperation Logout = new("logout", "End the session of the access token", null)
    {
        NeedsNoActBecause = "whoever is signed in may leave",
        Credential = ApiCredential.AccessToken,
        Success = StatusCodes.Status204NoContent,
        Problems = [400, 401],
    };

    public static readonly ApiOperation Jwks = new("getJwks", "The public keys of tokens", "JsonWebKeySet")
    {
        NeedsNoActBecause = "public keys are public",
        Credential = ApiCredential.None,
    };

    public static readonly ApiOperation WhoAmI = new("whoAmI", "Tell a key who it is; needs no scope", "Self") { NeedsNoActBecause = "every good key may know itself" };
}
