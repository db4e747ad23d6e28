using KeyPortal.Keys;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KeyPortal.Usage;

/// <summary>How often one key (one version of its secret) was answered with one code in one minute. Kept for <see cref="RollupWriter.MinutesKeptFor"/>.</summary>
public sealed class MinuteRollup
{
    public required string OrganizationId { get; init; }

    /// <summary>Empty for keys that were malformed or unknown.</summary>
    public required string KeyId { get; init; }

    /// <summary>Whole minutes since 1970 UTC.</summary>
    public required int Minute { get; init; }

    public required int SecretVersion { get; init; }

    public required ValidationCode Code { get; init; }

    public required long Count { get; init; }
}

/// <summary>The same by the hour, kept for good. The two always have the same totals.</summary>
public sealed class HourRollup
{
    public required string OrganizationId { get; init; }

    /// <summary>Empty for keys that were malformed or unknown.</summary>
    public required string KeyId { get; init; }

    /// <summary>Whole hours since 1970 UTC.</summary>
    public required int Hour { get; init; }

    public required int SecretVersion { get; init; }

    public required ValidationCode Code { get; init; }

    public required long Count { get; init; }
}

/// <summary>
/// The newest batch that one run of the program has written, stored in that batch's transaction: after a commit whose outcome is unknown it tells
/// whether the batch is in.
/// </summary>
public sealed class WrittenBatch
{
    /// <summary>Names one run of the program.</summary>
    public required string Source { get; init; }

    public required long Sequence { get; init; }

    /// <summary>Whole minutes since 1970 UTC.</summary>
    public required int Minute { get; init; }
}

internal sealed class MinuteRollupMapping : IEntityTypeConfiguration<MinuteRollup>, IMapsUsage
{
    public void Configure(EntityTypeBuilder<MinuteRollup> builder)
    {
        builder.ToTable("usage_minutes");
        builder.HasKey(r => new { r.OrganizationId, r.Minute, r.KeyId, r.SecretVersion, r.Code });
        builder.Property(r => r.Code).AsName();
        builder.HasIndex(r => new { r.OrganizationId, r.KeyId, r.Minute });
        builder.HasIndex(r => r.Minute);
    }
}

internal sealed class HourRollupMapping : IEntityTypeConfiguration<HourRollup>, IMapsUsage
{
    public void Configure(EntityTypeBuilder<HourRollup> builder)
    {
        builder.ToTable("usage_hours");
        builder.HasKey(r => new { r.OrganizationId, r.Hour, r.KeyId, r.SecretVersion, r.Code });
        builder.Property(r => r.Code).AsName();
        builder.HasIndex(r => new { r.OrganizationId, r.KeyId, r.Hour });
    }
}

internal sealed class WrittenBatchMapping : IEntityTypeConfiguration<WrittenBatch>, IMapsUsage
{
    public void Configure(EntityTypeBuilder<WrittenBatch> builder)
    {
        builder.ToTable("usage_batches");
        builder.HasKey(b => b.Source);
    }
}
