using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KeyPortal.Keys;

public enum KeyStatus
{
    Active,
    Disabled,
    Expired,
    Revoked,
}

public enum RevocationReason
{
    Unspecified,
    KeyCompromise,
    Superseded,
    AffiliationChanged,
    PrivilegeWithdrawn,
}

/// <summary>
/// What an organization knows as one API key: a name, an owner and rules. Its credential is a <see cref="KeySecret"/>; there may be several over time.
/// Nothing about a key is ever deleted.
/// </summary>
public sealed class ApiKey
{
    public const int MaxNameLength = 120;
    public const int MaxDescriptionLength = 2000;

    public required string Id { get; init; }

    public required string OrganizationId { get; init; }

    /// <summary>The member whose role the key acts with. Another one when it is handed on.</summary>
    public required string OwnerId { get; set; }

    public required KeyType Type { get; init; }

    public required KeyEnvironment Environment { get; init; }

    /// <summary>The current secret's start: what people recognise the key by.</summary>
    public required string Start { get; set; }

    public required int SecretVersion { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Id of the member or key that made it.</summary>
    public required string CreatedBy { get; init; }

    public string Name { get; set; } = "";

    public string? Description { get; set; }

    /// <summary>Name and description in lower case and the start as it is, for substring search in any script.</summary>
    public string SearchText { get; private set; } = "";

    public IReadOnlyList<string> Scopes { get; set; } = [];

    public IReadOnlyList<string> AllowedIps { get; set; } = [];

    public IReadOnlyList<string> AllowedOrigins { get; set; } = [];

    public IReadOnlyList<string> Resources { get; set; } = [];

    public IReadOnlyList<string> Tags { get; set; } = [];

    public IReadOnlyDictionary<string, string> Metadata { get; set; } = new Dictionary<string, string>();

    public DateTimeOffset? NotBefore { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? DisabledAt { get; private set; }

    public DateTimeOffset? RevokedAt { get; private set; }

    public string? RevokedBy { get; private set; }

    public RevocationReason? RevocationReason { get; private set; }

    /// <summary>The newest use that was valid; written by the usage recorder, up to a minute late.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    public string? LastUsedIp { get; private set; }

    /// <summary>Counts changes by people; a concurrency check, and later the ETag. Use does not change it.</summary>
    public long Revision { get; set; }

    public void Revoke(DateTimeOffset now, string by, RevocationReason reason) =>
        (RevokedAt, RevokedBy, RevocationReason) = (now, by, reason);

    public void Disable(DateTimeOffset now) => DisabledAt = now;

    public void Enable() => DisabledAt = null;

    public void IndexForSearch() => SearchText = $"{Name}\n{Description}".ToLowerInvariant() + "\n" + Start;

    public KeyStatus StatusAt(DateTimeOffset now) =>
        RevokedAt is not null ? KeyStatus.Revoked
        : DisabledAt is not null ? KeyStatus.Disabled
        : ExpiresAt <= now ? KeyStatus.Expired
        : KeyStatus.Active;
}

/// <summary>One version of a key's credential, as it is kept: its start, a slow verifier, and the index derived from it.</summary>
public sealed class KeySecret
{
    public required string KeyId { get; init; }

    /// <summary>1, 2, …: rotation adds one.</summary>
    public required int Version { get; init; }

    public required string Start { get; init; }

    /// <summary>The record: a slow hash with its salt. Outlives the loss of the pepper.</summary>
    public required string Verifier { get; init; }

    public required VerifierScheme VerifierScheme { get; init; }

    /// <summary>32 bytes under the pepper <see cref="PepperId"/>; null until it is first used under a pepper.</summary>
    public byte[]? LookupHash { get; set; }

    public string? PepperId { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When a superseded secret ends; null while it is the current one.</summary>
    public DateTimeOffset? EndsAt { get; set; }
}

public enum VerifierScheme
{
    /// <summary>bcrypt of base64(SHA-256(key)): what KeyPortal makes itself.</summary>
    BcryptSha256,
}

internal sealed class ApiKeyMapping : IEntityTypeConfiguration<ApiKey>
{
    public void Configure(EntityTypeBuilder<ApiKey> builder)
    {
        builder.ToTable("api_keys");
        builder.Property(k => k.Type).AsName();
        builder.Property(k => k.Environment).AsName();
        builder.Property(k => k.RevocationReason).AsName();
        builder.Property(k => k.Scopes).AsWords();
        builder.Property(k => k.AllowedIps).AsWords();
        builder.Property(k => k.AllowedOrigins).AsWords();
        builder.Property(k => k.Resources).AsJsonArray();
        builder.Property(k => k.Tags).AsJsonArray();
        builder.Property(k => k.Metadata).AsJsonObject();
        builder.Property(k => k.Revision).IsConcurrencyToken();
        builder.HasIndex(k => new { k.OrganizationId, k.Id });
        builder.HasIndex(k => new { k.OrganizationId, k.OwnerId, k.Id });
        builder.HasIndex(k => new { k.OrganizationId, k.Name, k.Id });
        builder.HasOne<Organization>().WithMany().HasForeignKey(k => k.OrganizationId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class KeySecretMapping : IEntityTypeConfiguration<KeySecret>
{
    public void Configure(EntityTypeBuilder<KeySecret> builder)
    {
        builder.ToTable("key_secrets");
        builder.HasKey(s => new { s.KeyId, s.Version });
        builder.Property(s => s.VerifierScheme).AsName();
        builder.HasIndex(s => s.LookupHash).IsUnique();
        builder.HasIndex(s => s.Start);
        builder.HasOne<ApiKey>().WithMany().HasForeignKey(s => s.KeyId).OnDelete(DeleteBehavior.Restrict);
    }
}
