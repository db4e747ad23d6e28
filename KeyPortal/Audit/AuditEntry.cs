using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KeyPortal.Audit;

public enum AuditOutcome
{
    Succeeded,
    Refused,
}

/// <summary>
/// One entry of an organization's log. <see cref="Bytes"/> is the entry: canonical JSON, stored as it was made and never rebuilt. The other
/// columns repeat parts of it so that the log can be searched; they prove nothing.
/// </summary>
public sealed class AuditEntry
{
    public required string OrganizationId { get; init; }

    /// <summary>Counts from 0 in each organization, without gaps.</summary>
    public required long Index { get; init; }

    public required byte[] Bytes { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Action { get; init; }

    public required string ActorType { get; init; }

    public required string ActorId { get; init; }

    public required string TargetType { get; init; }

    public required string TargetId { get; init; }

    public required AuditOutcome Outcome { get; init; }
}

/// <summary>
/// A personal value of an entry, which itself holds only <c>"sha256:" + base64(SHA-256(salt ‖ value))</c>. Dropping this row erases the value
/// for good while every proof over the entry stays (the salt keeps it from being guessed).
/// </summary>
public sealed class AuditOpening
{
    public required string OrganizationId { get; init; }

    public required long Index { get; init; }

    /// <summary>JSON Pointer (RFC 6901) of the value in the entry: <c>/actor/name</c>.</summary>
    public required string Pointer { get; init; }

    /// <summary>16 random bytes.</summary>
    public required byte[] Salt { get; init; }

    public required string Value { get; init; }
}

internal sealed class AuditEntryMapping : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> builder)
    {
        builder.ToTable("audit_entries");
        builder.HasKey(e => new { e.OrganizationId, e.Index });
        builder.Property(e => e.Index).HasColumnName("index").ValueGeneratedNever();
        builder.Property(e => e.Outcome).AsName();
        builder.HasIndex(e => new { e.OrganizationId, e.At });
        builder.HasIndex(e => new { e.OrganizationId, e.ActorId, e.Index });
        builder.HasIndex(e => new { e.OrganizationId, e.TargetId, e.Index });
        builder.HasIndex(e => new { e.OrganizationId, e.Action, e.Index });
    }
}

internal sealed class AuditOpeningMapping : IEntityTypeConfiguration<AuditOpening>
{
    public void Configure(EntityTypeBuilder<AuditOpening> builder)
    {
        builder.ToTable("audit_openings");
        builder.HasKey(o => new { o.OrganizationId, o.Index, o.Pointer });
        builder.Property(o => o.Index).HasColumnName("index");
    }
}
