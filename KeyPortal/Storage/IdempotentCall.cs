using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KeyPortal.Storage;

/// <summary>
/// A call that carried an <c>Idempotency-Key</c> and was done, written in the transaction of what it did: sent again with the same body it is answered
/// from here, without its secret, and does nothing.
/// </summary>
public sealed class IdempotentCall
{
    public required string OrganizationId { get; init; }

    /// <summary>The same key on another path is another call.</summary>
    public required string Path { get; init; }

    /// <summary>SHA-256 of the header's value, 32 bytes.</summary>
    public required byte[] KeyHash { get; init; }

    /// <summary>SHA-256 of the body, 32 bytes.</summary>
    public required byte[] BodyHash { get; init; }

    /// <summary>What was made or changed.</summary>
    public required string ResourceId { get; init; }

    public required DateTimeOffset DoneAt { get; init; }
}

internal sealed class IdempotentCallMapping : IEntityTypeConfiguration<IdempotentCall>
{
    public void Configure(EntityTypeBuilder<IdempotentCall> builder)
    {
        builder.ToTable("idempotent_calls");
        builder.HasKey(c => new { c.OrganizationId, c.Path, c.KeyHash });
        builder.Property(c => c.KeyHash).HasMaxLength(32);
        builder.Property(c => c.BodyHash).HasMaxLength(32);
        builder.HasIndex(c => c.DoneAt);
    }
}
