using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KeyPortal.Organizations;

/// <summary>A tenant: its members, keys, policy and audit log are seen by nobody else.</summary>
public sealed class Organization
{
    public const int MaxNameLength = 120;

    public required string Id { get; init; }

    public required string Name { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required OrganizationPolicy Policy { get; init; }

    /// <summary>Do members without a second factor have to set one up before they can do anything else here?</summary>
    public bool SecondFactorRequired { get; set; }
}

/// <summary>Whether a member's place in an organization counts. A row is never deleted: keys and the audit log go on naming its person.</summary>
public enum MemberState
{
    Active,

    /// <summary>Shut out until enabled again. The member's keys go on validating but open nothing of KeyPortal's own.</summary>
    Disabled,

    /// <summary>No longer a member; may be invited again.</summary>
    Removed,
}

/// <summary>A person in one organization. The same account may be a member of several, under another role and name in each.</summary>
public sealed class Member
{
    public const int MaxNameLength = 120;

    public required string OrganizationId { get; init; }

    /// <summary>The account: <c>usr_…</c>.</summary>
    public required string UserId { get; init; }

    /// <summary>What the person is called here.</summary>
    public required string Name
    {
        get;
        set => (field, SearchName) = (value, value.ToLowerInvariant());
    }

    /// <summary>The name in lower case: SQLite folds only a–z by itself.</summary>
    public string SearchName { get; private set; } = "";

    public required Role Role { get; set; }

    public required DateTimeOffset JoinedAt { get; set; }

    public MemberState State { get; set; }
}

internal sealed class OrganizationMapping : IEntityTypeConfiguration<Organization>
{
    public void Configure(EntityTypeBuilder<Organization> builder)
    {
        builder.ToTable("organizations");
        builder.Property(o => o.Id).HasMaxLength(40);
        builder.OwnsOne(o => o.Policy, policy =>
        {
            policy.Property(p => p.DefaultExpiry).AsName();
            policy.Property(p => p.ApprovalScopes).AsWords();
        });
        builder.Navigation(o => o.Policy).IsRequired();
    }
}

internal sealed class MemberMapping : IEntityTypeConfiguration<Member>
{
    public void Configure(EntityTypeBuilder<Member> builder)
    {
        builder.ToTable("members");
        builder.HasKey(m => new { m.OrganizationId, m.UserId });
        builder.Property(m => m.Role).AsName();
        builder.Property(m => m.State).AsName();
        builder.HasIndex(m => m.UserId);
        builder.HasOne<Organization>().WithMany().HasForeignKey(m => m.OrganizationId).OnDelete(DeleteBehavior.Restrict);
    }
}
