using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KeyPortal.Limits;

/// <summary>One stretch of time in which one key kept running into one limit.</summary>
public sealed class LimitViolation
{
    /// <summary>A new stretch begins where the last refusal lies further back.</summary>
    public static readonly TimeSpan Gap = TimeSpan.FromMinutes(1);

    /// <summary>So many addresses are told apart.</summary>
    public const int MostAddresses = 20;

    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(90);

    /// <summary><c>lim_…</c>, sorts by the beginning.</summary>
    public required string Id { get; init; }

    public required string OrganizationId { get; init; }

    public required string KeyId { get; init; }

    /// <summary>The rate limit's name, or <see cref="Quota.Name"/>.</summary>
    public required string LimitName { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The newest refusal.</summary>
    public required DateTimeOffset LastAt { get; set; }

    public required long Refused { get; set; }

    /// <summary>Where the refused calls came from, by count; the rest, beyond the bound, under the empty name.</summary>
    public required IReadOnlyList<AddressCount> Addresses { get; set; }
}

/// <summary>How many refused calls named one address; none named is the empty one.</summary>
public sealed record AddressCount(string Ip, long Count);

internal sealed class LimitViolationMapping : IEntityTypeConfiguration<LimitViolation>, IMapsUsage
{
    public void Configure(EntityTypeBuilder<LimitViolation> builder)
    {
        builder.ToTable("limit_violations");
        builder.HasKey(v => v.Id);
        StoredLimits.AsJson(builder.Property(v => v.Addresses));
        builder.HasIndex(v => new { v.OrganizationId, v.Id });
        builder.HasIndex(v => new { v.OrganizationId, v.KeyId, v.Id });
        builder.HasIndex(v => v.LastAt);
    }
}
