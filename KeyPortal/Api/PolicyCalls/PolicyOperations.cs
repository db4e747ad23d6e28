using KeyPortal.Api.Description;
using KeyPortal.Primitives;

namespace KeyPortal.Api.PolicyCalls;

/// <summary>What the description says of the calls about policy, scopes, tiers and approval.</summary>
internal static class PolicyOperations
{
    private const string Tag = "policy";

    public static readonly ApiOperation GetPolicy = new(Tag, "getPolicy", "Read what the organization demands of its keys", "Policy") { Act = Act.ReadKeys, HasETag = true, Problems = [403] };

    public static readonly ApiOperation PutPolicy = new(Tag, "replacePolicy", "Change the policy; it binds keys that are made or changed from then on", "Policy")
    {
        Act = Act.ChangePolicy,
        HasETag = true,
        Body = "PolicyRequest",
        Problems = [403, 413, 415, 422],
    };

    public static readonly ApiOperation GetScopes = new(Tag, "getScopes", "Read the catalogue of scopes that keys may hold", "Catalogue") { Act = Act.ReadKeys, HasETag = true, Problems = [403] };

    public static readonly ApiOperation PutScopes = new(Tag, "replaceScopes", "Replace the catalogue; a scope that keys hold cannot leave it", "Catalogue")
    {
        Act = Act.ChangePolicy,
        HasETag = true,
        Body = "CatalogueRequest",
        Problems = [403, 409, 413, 415, 422],
    };

    public static readonly ApiOperation GetTiers = new(Tag, "getTiers", "Read the tiers that keys may take limits from", "Tiers") { Act = Act.ReadKeys, HasETag = true, Problems = [403] };

    public static readonly ApiOperation PutTiers = new(Tag, "replaceTiers", "Replace the tiers; keys that take from them follow at once, and one that keys name cannot go", "Tiers")
    {
        Act = Act.ChangePolicy,
        HasETag = true,
        Body = "TiersRequest",
        Problems = [403, 413, 415, 422],
    };

    public static readonly ApiOperation Approve = new("keys", "approveKey", "Approve a key that waits; for somebody who has not asked for it", "Key")
    {
        Act = Act.ApproveKeys,
        HasETag = true,
        Body = "Nothing",
        BodyIsOptional = true,
        Problems = [403, 409, 413, 415],
    };

    public static readonly ApiOperation Decline = new("keys", "declineKey", "Decline a key that waits, which revokes it for good", "Key")
    {
        Act = Act.ApproveKeys,
        HasETag = true,
        Body = "DeclineRequest",
        BodyIsOptional = true,
        Problems = [403, 409, 413, 415, 422],
    };
}
