using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KeyPortal.Mail;

/// <summary>
/// A mail that waits to be sent, written in the transaction of the act it tells of: no act without its mail, no mail without its act. The row goes
/// when the mail has been handed over.
/// </summary>
public sealed class OutgoingMail
{
    public const string IdPrefix = "mail";

    public required string Id { get; init; }

    /// <summary>Recipient, subject and text, encrypted with the data-protection ring: a stolen database must not give away the links in it.</summary>
    public required string Sealed { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset NextAttemptAt { get; set; }

    public int Attempts { get; set; }

    /// <summary>Why the last attempt failed; null before the first.</summary>
    public string? LastError { get; set; }
}

internal sealed class OutgoingMailMapping : IEntityTypeConfiguration<OutgoingMail>
{
    public void Configure(EntityTypeBuilder<OutgoingMail> builder)
    {
        builder.ToTable("outgoing_mail");
        builder.Property(m => m.Id).HasMaxLength(40);
        builder.HasIndex(m => m.NextAttemptAt);
    }
}
