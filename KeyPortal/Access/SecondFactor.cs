using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KeyPortal.Access;

/// <summary>
/// An account's second factors but for its passkeys, which the framework's own table keeps. The row appears with the first factor and stays, for it
/// also counts wrong codes.
/// </summary>
public sealed class SecondFactor
{
    public required string UserId { get; init; }

    /// <summary>The TOTP secret (RFC 6238), encrypted with the data-protection ring; null when there is none.</summary>
    public string? TotpSecret { get; set; }

    public DateTimeOffset? TotpAddedAt { get; set; }

    /// <summary>The newest 30-second step whose code was accepted. It and all before it are spent (RFC 6238 §5.2).</summary>
    public long? TotpLastStep { get; set; }

    /// <summary>Wrong codes in a row; a right password does not reset them.</summary>
    public int WrongCodes { get; set; }

    public DateTimeOffset? LockedUntil { get; set; }
}

/// <summary>One of an account's ten recovery codes. Each works once, in place of a second factor.</summary>
public sealed class RecoveryCode
{
    public required string UserId { get; init; }

    /// <summary>SHA-256 of the code, 32 bytes. The code has 120 random bits, so no slow hash is needed (OWASP ASVS 5, 6.5.2).</summary>
    public required byte[] Hash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? UsedAt { get; set; }
}

/// <summary>A password was right and a second factor is awaited. Opens nothing by itself.</summary>
public sealed class SignInChallenge
{
    /// <summary>SHA-256 of the challenge token, 32 bytes.</summary>
    public required byte[] TokenHash { get; init; }

    public required string UserId { get; init; }

    /// <summary>What begins when the second factor is right.</summary>
    public required SessionKind Kind { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? UsedAt { get; set; }
}

/// <summary>A refresh token of an API session. Each works once; the one after it is in the answer.</summary>
public sealed class RefreshToken
{
    /// <summary>SHA-256 of the token, 32 bytes.</summary>
    public required byte[] TokenHash { get; init; }

    /// <summary>The session, which is the token's family.</summary>
    public required string SessionId { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? UsedAt { get; set; }
}

/// <summary>A mailed link to set a new password, good for half an hour and once.</summary>
public sealed class PasswordReset
{
    /// <summary>SHA-256 of the token in the link, 32 bytes.</summary>
    public required byte[] TokenHash { get; init; }

    public required string UserId { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? UsedAt { get; set; }
}

internal sealed class SecondFactorMapping : IEntityTypeConfiguration<SecondFactor>
{
    public void Configure(EntityTypeBuilder<SecondFactor> builder)
    {
        builder.ToTable("second_factors");
        builder.HasKey(f => f.UserId);
        builder.HasOne<IdentityUser>().WithOne().HasForeignKey<SecondFactor>(f => f.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class RecoveryCodeMapping : IEntityTypeConfiguration<RecoveryCode>
{
    public void Configure(EntityTypeBuilder<RecoveryCode> builder)
    {
        builder.ToTable("recovery_codes");
        builder.HasKey(c => new { c.UserId, c.Hash });
        builder.Property(c => c.Hash).HasMaxLength(32);
        builder.HasOne<IdentityUser>().WithMany().HasForeignKey(c => c.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class SignInChallengeMapping : IEntityTypeConfiguration<SignInChallenge>
{
    public void Configure(EntityTypeBuilder<SignInChallenge> builder)
    {
        builder.ToTable("sign_in_challenges");
        builder.HasKey(c => c.TokenHash);
        builder.Property(c => c.TokenHash).HasMaxLength(32);
        builder.Property(c => c.Kind).AsName();
        builder.HasOne<IdentityUser>().WithMany().HasForeignKey(c => c.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class RefreshTokenMapping : IEntityTypeConfiguration<RefreshToken>
{
    public void Configure(EntityTypeBuilder<RefreshToken> builder)
    {
        builder.ToTable("refresh_tokens");
        builder.HasKey(t => t.TokenHash);
        builder.Property(t => t.TokenHash).HasMaxLength(32);
        builder.HasOne<Session>().WithMany().HasForeignKey(t => t.SessionId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class PasswordResetMapping : IEntityTypeConfiguration<PasswordReset>
{
    public void Configure(EntityTypeBuilder<PasswordReset> builder)
    {
        builder.ToTable("password_resets");
        builder.HasKey(r => r.TokenHash);
        builder.Property(r => r.TokenHash).HasMaxLength(32);
        builder.HasOne<IdentityUser>().WithMany().HasForeignKey(r => r.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
