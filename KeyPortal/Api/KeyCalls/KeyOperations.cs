using KeyPortal.Api.Description;
using KeyPortal.Primitives;

namespace KeyPortal.Api.KeyCalls;

/// <summary>What the description says of the calls that manage keys.</summary>
internal static class KeyOperations
{
    private const string Tag = "keys";

    public static readonly ApiOperation Create = new(Tag, "createKey", "Create a key; the only answer that ever shows it", "IssuedKey")
    {
        Act = Act.CreateKeys,
        HasETag = true,
        IsIdempotent = true,
        Success = StatusCodes.Status201Created,
        Body = "KeyRequest",
        Problems = [403, 409, 413, 415, 422],
    };

    public static readonly ApiOperation Import = new(Tag, "importKeys", "Take over up to 1,000 keys of another system by their hashes; an answer per item", "ImportAnswers")
    {
        Act = Act.ImportKeys,
        Body = "ImportRequest",
        Problems = [403, 413, 415, 422],
    };

    public static readonly ApiOperation List = new(Tag, "listKeys", "List keys, newest first unless sorted otherwise", "KeyPage") { Act = Act.ReadKeys, Parameters = ListQuery.Parameters, Problems = [403, 422] };

    public static readonly ApiOperation Get = new(Tag, "getKey", "Read a key's record", "Key") { Act = Act.ReadKeys, HasETag = true, Problems = [403] };

    public static readonly ApiOperation Replace = new(Tag, "replaceKey", "Replace all that can change about a key; what is not named gets its default", "Key")
    {
        Act = Act.ChangeKeys,
        HasETag = true,
        Body = "KeyRequest",
        Problems = [403, 409, 413, 415, 422],
    };

    public static readonly ApiOperation Change = new(Tag, "changeKey", "Change the named fields of a key and no others", "Key")
    {
        Act = Act.ChangeKeys,
        HasETag = true,
        Body = "KeyPatch",
        Problems = [403, 409, 413, 415, 422],
    };

    public static readonly ApiOperation Delete = new(Tag, "deleteKey", "Revoke a key at once and for good; its record stays", "Key")
    {
        Act = Act.ChangeKeys,
        HasETag = true,
        Body = "RevokeRequest",
        BodyIsOptional = true,
        Problems = [403, 413, 415],
    };

    public static readonly ApiOperation Revoke = new(Tag, "revokeKey", "Revoke a key at once and for good, with a reason", "Key")
    {
        Act = Act.ChangeKeys,
        HasETag = true,
        Body = "RevokeRequest",
        BodyIsOptional = true,
        Problems = [403, 413, 415, 422],
    };

    public static readonly ApiOperation Rotate = new(Tag, "rotateKey", "Give a key a new secret; the only answer that ever shows it", "IssuedKey")
    {
        Act = Act.ChangeKeys,
        HasETag = true,
        IsIdempotent = true,
        Body = "RotateRequest",
        BodyIsOptional = true,
        Problems = [403, 409, 413, 415, 422],
    };

    public static readonly ApiOperation Disable = new(Tag, "disableKey", "Switch a key off until it is enabled again", "Key")
    {
        Act = Act.ChangeKeys,
        HasETag = true,
        Body = "Nothing",
        BodyIsOptional = true,
        Problems = [403, 409, 413, 415],
    };

    public static readonly ApiOperation Enable = new(Tag, "enableKey", "Switch a disabled key on again", "Key")
    {
        Act = Act.ChangeKeys,
        HasETag = true,
        Body = "Nothing",
        BodyIsOptional = true,
        Problems = [403, 409, 413, 415],
    };
}
