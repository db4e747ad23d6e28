using System.Text.Json;
using System.Text.Json.Serialization;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace KeyPortal.Limits;

/// <summary>The tiers of one organization, once somebody has changed them; until then it has <see cref="TierList.Initial"/> and no row.</summary>
public sealed class OrganizationTiers
{
    public required string OrganizationId { get; init; }

    public required IReadOnlyList<LimitTier> Tiers { get; set; }

    public required string? DefaultTier { get; set; }

    public TierList ToList() => new(Tiers, DefaultTier);
}

/// <summary>How limits stand in a column: as the JSON of the wire.</summary>
public static class StoredLimits
{
    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        IgnoreReadOnlyProperties = true,
    };

    public static PropertyBuilder<IReadOnlyList<RateLimit>> AsLimits(this PropertyBuilder<IReadOnlyList<RateLimit>> property) => AsJson(property);

    public static PropertyBuilder<IReadOnlyList<Quota>> AsLimits(this PropertyBuilder<IReadOnlyList<Quota>> property) => AsJson(property);

    internal static PropertyBuilder<IReadOnlyList<T>> AsJson<T>(PropertyBuilder<IReadOnlyList<T>> property)
    {
        property.HasDefaultValueSql("'[]'");
        property.HasConversion(
            new ValueConverter<IReadOnlyList<T>, string>(list => Write(list), text => Read<T>(text)),
            new ValueComparer<IReadOnlyList<T>>((a, b) => ReferenceEquals(a, b) || Write(a!) == Write(b!), list => list.Count, list => list));
        return property;
    }

    private static string Write<T>(IReadOnlyList<T> list) => list.Count == 0 ? "[]" : JsonSerializer.Serialize(list, Form);

    private static T[] Read<T>(string text) => text == "[]" ? [] : JsonSerializer.Deserialize<T[]>(text, Form) ?? [];
}

internal sealed class OrganizationTiersMapping : IEntityTypeConfiguration<OrganizationTiers>
{
    public void Configure(EntityTypeBuilder<OrganizationTiers> builder)
    {
        builder.ToTable("limit_tiers");
        builder.HasKey(t => t.OrganizationId);
        StoredLimits.AsJson(builder.Property(t => t.Tiers));
    }
}
