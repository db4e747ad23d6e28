using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KeyPortal.Keys;

/// <summary>What comes to an end.</summary>
public enum Deadline
{
    Expiry,

    /// <summary>The age at which a secret should be rotated.</summary>
    Rotation,
}

/// <summary>A reminder that went out. A moved deadline is another one and reminds again.</summary>
public sealed class SentReminder
{
    public required string KeyId { get; init; }

    public required Deadline Deadline { get; init; }

    public required DateTimeOffset DueAt { get; init; }

    /// <summary>14, 7 or 1.</summary>
    public required int DaysBefore { get; init; }

    public required DateTimeOffset SentAt { get; init; }
}

internal sealed class SentReminderMapping : IEntityTypeConfiguration<SentReminder>
{
    public void Configure(EntityTypeBuilder<SentReminder> builder)
    {
        builder.ToTable("sent_reminders");
        builder.HasKey(r => new { r.KeyId, r.Deadline, r.DueAt, r.DaysBefore });
        builder.Property(r => r.Deadline).AsName();
        builder.HasOne<ApiKey>().WithMany().HasForeignKey(r => r.KeyId).OnDelete(DeleteBehavior.Restrict);
    }
}
