using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Primitives;

namespace KeyPortal.Tests.Keys.Properties;

/// <summary>Keys as a validation sees them, without a database.</summary>
internal static class Snapshots
{
    public static KeySnapshot WithResources(IReadOnlyList<string> resources) => new()
    {
        Hash = LookupHash.From(new byte[32]),
        KeyId = "key_1",
        OrganizationId = "org_1",
        Name = "A key",
        Type = KeyType.Secret,
        Environment = KeyEnvironment.Test,
        OwnerId = "usr_1",
        OwnerRole = Role.Developer,
        Scopes = [],
        Networks = [],
        Origins = [],
        Resources = resources,
        Metadata = new Dictionary<string, string>(),
        Limits = KeyLimits.None,
        CounterId = CounterId.Of("key_1"),
        ReadNumber = 1,
        NotBefore = null,
        ExpiresAt = null,
        IsDisabled = false,
        RevokedAt = null,
        IsPending = false,
        SecretVersion = 1,
        SecretEndsAt = null,
        IsFirstUse = false,
    };
}
