using KeyPortal.Limits;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KeyPortal.Keys;

public enum KeyStatus
{
    /// <summary>Waits for a second person's approval; refused until then.</summary>
    Pending,
    Active,
    Disabled,

    /// <summary>Good until an announced end, when it is revoked by itself.</summary>
    Retiring,
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

    /// <summary>The key's own; those of its tier hold besides.</summary>
    public IReadOnlyList<RateLimit> RateLimits { get; set; } = [];

    /// <summary>The key's own; those of its tier hold besides.</summary>
    public IReadOnlyList<Quota> Quotas { get; set; } = [];

    /// <summary>The tier whose limits it takes; null for the organization's default.</summary>
    public string? Tier { get; set; }

    public DateTimeOffset? NotBefore { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? DisabledAt { get; private set; }

    /// <summary>When it ends for good, or ended; still to come for a key that is being retired.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }

    public string? RevokedBy { get; private set; }

    public RevocationReason? RevocationReason { get; private set; }

    /// <summary>When the current secret took the place of another.</summary>
    public DateTimeOffset? RotatedAt { get; set; }

    /// <summary>When the secret before the current one ends, or ended; null before the first rotation.</summary>
    public DateTimeOffset? PreviousEndsAt { get; set; }

    /// <summary>How old a secret of this key should get, in seconds; null for what the policy says.</summary>
    public long? RotationAgeSeconds { get; set; }

    /// <summary>When a second person's approval was asked for; null where none is needed.</summary>
    public DateTimeOffset? ApprovalAskedAt { get; private set; }

    public DateTimeOffset? ApprovedAt { get; private set; }

    public string? ApprovedBy { get; private set; }

    /// <summary>The newest use that was valid; written by the usage recorder, up to a minute late.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    public string? LastUsedIp { get; private set; }

    /// <summary>Counts changes by people; a concurrency check, and later the ETag. Use does not change it.</summary>
    public long Revision { get; set; }

    /// <summary>From when the current secret's age counts.</summary>
    public DateTimeOffset SecretMadeAt => RotatedAt ?? CreatedAt;

    public bool IsPending => ApprovalAskedAt is not null && ApprovedAt is null;

    public bool IsRevoked(DateTimeOffset now) => RevokedAt <= now;

    /// <summary>Ends the key at <paramref name="at"/>: now, or later to announce it.</summary>
    public void Revoke(DateTimeOffset at, string by, RevocationReason reason) =>
        (RevokedAt, RevokedBy, RevocationReason) = (at, by, reason);

    public void AskForApproval(DateTimeOffset now) => ApprovalAskedAt = now;

    public void Approve(DateTimeOffset now, string by) => (ApprovedAt, ApprovedBy) = (now, by);

    /// <summary>When the current secret reaches the age at which it should be rotated: the key's own, else <paramref name="policyAge"/>, in seconds; null for never.</summary>
    public DateTimeOffset? RotationDueAt(long? policyAge) => (RotationAgeSeconds ?? policyAge) is { } seconds ? SecretMadeAt.AddSeconds(seconds) : null;

    public void Disable(DateTimeOffset now) => DisabledAt = now;

    public void Enable() => DisabledAt = null;

    public void IndexForSearch() => SearchText = $"{Name}\n{Description}".ToLowerInvariant() + "\n" + Start;

    public KeyStatus StatusAt(DateTimeOffset now) =>
        IsRevoked(now) ? KeyStatus.Revoked
        : DisabledAt is not null ? KeyStatus.Disabled
        : ExpiresAt <= now ? KeyStatus.Expired
        : IsPending ? KeyStatus.Pending
        : RevokedAt is not null ? KeyStatus.Retiring
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

    /// <summary>The first use that was valid, written within seconds; null for a secret that nobody may have received.</summary>
    public DateTimeOffset? FirstUsedAt { get; set; }

    /// <summary>The newest use that was valid, up to a minute late.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    public string? LastUsedIp { get; private set; }

    /// <summary>The bytes of an imported fast hash, to be found by; null for all others.</summary>
    public byte[]? FastHash { get; init; }

    /// <summary>Names the key of an imported HMAC; null for all others.</summary>
    public string? HashKeyId { get; init; }

    public bool IsLive(DateTimeOffset now) => EndsAt is null || EndsAt > now;

    /// <summary>A secret of our own form, ready to be found.</summary>
    internal static KeySecret Of(ApiKey key, PlaintextKey plaintext, Verifier verifier, Pepper pepper, DateTimeOffset now) => new()
    {
        KeyId = key.Id,
        Version = key.SecretVersion,
        Start = plaintext.Start,
        Verifier = verifier.Hash,
        VerifierScheme = verifier.Scheme,
        LookupHash = pepper.HashOf(plaintext).ToArray(),
        PepperId = pepper.Id,
        CreatedAt = now,
    };
}

public enum VerifierScheme
{
    /// <summary>bcrypt of base64(SHA-256(key)): what KeyPortal makes itself.</summary>
    BcryptSha256,

    /// <summary>Argon2id of base64(SHA-256(key)): what KeyPortal makes itself where the settings say so.</summary>
    Argon2idSha256,

    /// <summary>Imported: SHA-256 of the key, lowercase hex.</summary>
    Sha256,

    /// <summary>Imported: SHA-512 of the key, lowercase hex.</summary>
    Sha512,

    /// <summary>Imported: HMAC-SHA-256 of the key under a key from the settings, lowercase hex.</summary>
    HmacSha256,

    /// <summary>Imported: bcrypt of the key itself.</summary>
    Bcrypt,

    /// <summary>Imported: Argon2id of the key itself.</summary>
    Argon2id,
}

public static class VerifierSchemes
{
    /// <summary>Does KeyPortal make it itself?</summary>
    public static bool IsOwn(this VerifierScheme scheme) => scheme is VerifierScheme.BcryptSha256 or VerifierScheme.Argon2idSha256;

    /// <summary>Is a secret found by it, with no slow hash?</summary>
    public static bool IsFast(this VerifierScheme scheme) => scheme is VerifierScheme.Sha256 or VerifierScheme.Sha512 or VerifierScheme.HmacSha256;
}

/// <summary>A secret's verifier and how it was made.</summary>
public sealed record Verifier(VerifierScheme Scheme, string Hash);

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
        builder.Property(k => k.RateLimits).AsLimits();
        builder.Property(k => k.Quotas).AsLimits();
        builder.Property(k => k.Tier).HasMaxLength(LimitRules.MaxNameLength);
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
        builder.HasIndex(s => s.FastHash).IsUnique();
        builder.HasIndex(s => s.Start);
        builder.HasOne<ApiKey>().WithMany().HasForeignKey(s => s.KeyId).OnDelete(DeleteBehavior.Restrict);
    }
}
