using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KeyPortal.Limits;

/// <summary>How much of a quota one key has used in one period; survives the program.</summary>
public sealed class QuotaUse
{
    public required string KeyId { get; init; }

    public required QuotaPeriod Period { get; init; }

    /// <summary>See <see cref="QuotaPeriods.NumberAt"/>.</summary>
    public required int Number { get; init; }

    public required long Used { get; init; }

    /// <summary>The use from which a warning was told in this period last; 0 for none.</summary>
    public required long WarnedFrom { get; init; }
}

internal sealed class QuotaUseMapping : IEntityTypeConfiguration<QuotaUse>, IMapsUsage
{
    public void Configure(EntityTypeBuilder<QuotaUse> builder)
    {
        builder.ToTable("quota_uses");
        builder.HasKey(u => new { u.KeyId, u.Period, u.Number });
        builder.Property(u => u.Period).AsName();
        builder.HasIndex(u => new { u.Period, u.Number });
    }
}
