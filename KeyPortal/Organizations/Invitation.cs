using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KeyPortal.Organizations;

/// <summary>An e-mail address is asked to join, by a link that is good for 72 hours and once.</summary>
public sealed class Invitation
{
    public const string IdPrefix = "inv";
    public static readonly TimeSpan GoodFor = TimeSpan.FromHours(72);

    public required string Id { get; init; }

    public required string OrganizationId { get; init; }

    /// <summary>As it was typed. Who accepts signs in with this address.</summary>
    public required string Email { get; init; }

    /// <summary>As accounts are looked up: upper case, invariant.</summary>
    public required string NormalizedEmail { get; init; }

    public required Role Role { get; init; }

    /// <summary>SHA-256 of the token in the link, 32 bytes. Sending the invitation again makes another token.</summary>
    public required byte[] TokenHash { get; set; }

    /// <summary>The member who invites, or who sent it again last.</summary>
    public required string InvitedBy { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; set; }

    public DateTimeOffset? AcceptedAt { get; private set; }

    public DateTimeOffset? WithdrawnAt { get; private set; }

    public bool IsOpen(DateTimeOffset now) => AcceptedAt is null && WithdrawnAt is null && now < ExpiresAt;

    public void Accept(DateTimeOffset now) => AcceptedAt ??= now;

    public void Withdraw(DateTimeOffset now) => WithdrawnAt ??= now;
}

internal sealed class InvitationMapping : IEntityTypeConfiguration<Invitation>
{
    public void Configure(EntityTypeBuilder<Invitation> builder)
    {
        builder.ToTable("invitations");
        builder.Property(i => i.Id).HasMaxLength(40);
        builder.Property(i => i.Role).AsName();
        builder.Property(i => i.TokenHash).HasMaxLength(32);
        builder.HasIndex(i => i.TokenHash).IsUnique();
        builder.HasIndex(i => new { i.OrganizationId, i.CreatedAt });
        builder.HasOne<Organization>().WithMany().HasForeignKey(i => i.OrganizationId).OnDelete(DeleteBehavior.Restrict);
    }
}
