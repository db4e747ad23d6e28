using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KeyPortal.Usage;

/// <summary>What valid calls are told apart by.</summary>
public enum TallyKind
{
    /// <summary>The scopes a call needed, as an expression.</summary>
    Needed,

    /// <summary>The client's address.</summary>
    Address,
}

/// <summary>
/// How many valid calls of one key and UTC day had the same demand, or came from the same address. Kept for <see cref="RollupWriter.MinutesKeptFor"/>; never
/// more than <see cref="MostValues"/> a key, day and kind: the rest is the difference to the key's total.
/// </summary>
public sealed class CallTally
{
    public const int MostValues = 200;

    /// <summary>The value of calls that named no scope, or no address.</summary>
    public const string None = "";

    public required string KeyId { get; init; }

    /// <summary>Whole days since 1970 UTC.</summary>
    public required int Day { get; init; }

    public required TallyKind Kind { get; init; }

    public required string Value { get; init; }

    public required long Count { get; init; }
}

internal sealed class CallTallyMapping : IEntityTypeConfiguration<CallTally>, IMapsUsage
{
    public void Configure(EntityTypeBuilder<CallTally> builder)
    {
        builder.ToTable("usage_tallies");
        builder.HasKey(t => new { t.KeyId, t.Day, t.Kind, t.Value });
        builder.Property(t => t.Kind).AsName();
        builder.HasIndex(t => t.Day);
    }
}
