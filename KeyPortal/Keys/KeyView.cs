using KeyPortal.Limits;
using KeyPortal.Primitives;

namespace KeyPortal.Keys;

/// <summary>A key as pages and the API show it; no secret is in it, nor could be.</summary>
public sealed record KeyView
{
    public required string Id { get; init; }

    public required string OrganizationId { get; init; }

    public required string Name { get; init; }

    public required string? Description { get; init; }

    public required string OwnerId { get; init; }

    public required string OwnerName { get; init; }

    public required KeyType Type { get; init; }

    public required KeyEnvironment Environment { get; init; }

    public required string Start { get; init; }

    public required KeyStatus Status { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public required IReadOnlyList<string> AllowedIps { get; init; }

    public required IReadOnlyList<string> AllowedOrigins { get; init; }

    public required IReadOnlyList<string> Resources { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>The key's own; those of its tier hold besides.</summary>
    public required IReadOnlyList<RateLimit> RateLimits { get; init; }

    /// <summary>The key's own; those of its tier hold besides.</summary>
    public required IReadOnlyList<Quota> Quotas { get; init; }

    /// <summary>The tier whose limits it takes; null for the organization's default.</summary>
    public required string? Tier { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset? NotBefore { get; init; }

    public required DateTimeOffset? ExpiresAt { get; init; }

    public required DateTimeOffset? LastUsedAt { get; init; }

    public required string? LastUsedIp { get; init; }

    public required DateTimeOffset? DisabledAt { get; init; }

    /// <summary>When it ended for good; null while it has not.</summary>
    public required DateTimeOffset? RevokedAt { get; init; }

    /// <summary>The announced end of a key that is being retired; null for all others.</summary>
    public required DateTimeOffset? RetiresAt { get; init; }

    public required DateTimeOffset? RotatedAt { get; init; }

    /// <summary>When the secret before the current one ends, or ended.</summary>
    public required DateTimeOffset? PreviousValidUntil { get; init; }

    /// <summary>The key's own; null for what the policy says.</summary>
    public required long? RotationAgeSeconds { get; init; }

    /// <summary>When the current secret should be rotated, or should have been; null where neither key nor policy says.</summary>
    public required DateTimeOffset? RotationDueAt { get; init; }

    /// <summary>The concurrency number of the record: changes with it, and not with its use.</summary>
    public required long Revision { get; init; }

    public required string? RevokedBy { get; init; }

    public required RevocationReason? RevocationReason { get; init; }

    public required int SecretVersion { get; init; }

    /// <param name="rotationAge">What the policy says, in seconds.</param>
    internal static KeyView Of(ApiKey key, string ownerName, long? rotationAge, DateTimeOffset now) => new()
    {
        Id = key.Id,
        OrganizationId = key.OrganizationId,
        Name = key.Name,
        Description = key.Description,
        OwnerId = key.OwnerId,
        OwnerName = ownerName,
        Type = key.Type,
        Environment = key.Environment,
        Start = key.Start,
        Status = key.StatusAt(now),
        Scopes = key.Scopes,
        AllowedIps = key.AllowedIps,
        AllowedOrigins = key.AllowedOrigins,
        Resources = key.Resources,
        Metadata = key.Metadata,
        Tags = key.Tags,
        RateLimits = key.RateLimits,
        Quotas = key.Quotas,
        Tier = key.Tier,
        CreatedAt = key.CreatedAt,
        CreatedBy = key.CreatedBy,
        NotBefore = key.NotBefore,
        ExpiresAt = key.ExpiresAt,
        LastUsedAt = key.LastUsedAt,
        LastUsedIp = key.LastUsedIp,
        DisabledAt = key.DisabledAt,
        RevokedAt = key.IsRevoked(now) ? key.RevokedAt : null,
        RetiresAt = key.IsRevoked(now) ? null : key.RevokedAt,
        RotatedAt = key.RotatedAt,
        PreviousValidUntil = key.PreviousEndsAt,
        RotationAgeSeconds = key.RotationAgeSeconds,
        RotationDueAt = key.RotationDueAt(rotationAge),
        Revision = key.Revision,
        RevokedBy = key.RevokedBy,
        RevocationReason = key.RevocationReason,
        SecretVersion = key.SecretVersion,
    };
}

/// <summary>A key just made, with the one copy of its plaintext there will ever be.</summary>
public sealed record IssuedKey(KeyView Key, PlaintextKey Plaintext);
