using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KeyPortal.Access;

/// <summary>Who holds a session: a browser with a cookie, or a program with access and refresh tokens.</summary>
public enum SessionKind
{
    Browser,
    Api,
}

/// <summary>What a person showed to begin a session. Everything but <see cref="Password"/> is a second factor, or as good as one.</summary>
public enum SignInMethod
{
    Password,
    PasswordAndTotp,
    PasswordAndRecoveryCode,
    PasswordAndPasskey,
    Passkey,
}

/// <summary>Why a session ended before its time.</summary>
public enum SessionEnd
{
    SignedOut,

    /// <summary>The person ended it from another session.</summary>
    EndedElsewhere,

    /// <summary>A new session took its place: a new id at each factor, so that an id known before is worth nothing after.</summary>
    Replaced,
    PasswordChanged,
    FactorsChanged,

    /// <summary>The account was disabled in, or removed from, the last organization it was in.</summary>
    MembershipEnded,

    /// <summary>A refresh token came back a second time: one of its two holders is a thief.</summary>
    RefreshTokenReused,

    /// <summary>The database is an older one again: what was ended since would live on.</summary>
    Restored,
}

/// <summary>
/// One signed-in person on one device. The cookie and the tokens only name it: whether it still opens anything is decided here, at every act.
/// </summary>
public sealed class Session
{
    public const string IdPrefix = "ses";

    /// <summary><c>ses_…</c>. It travels in an encrypted cookie or a signed token only and is no credential by itself.</summary>
    public required string Id { get; init; }

    public required string UserId { get; init; }

    public required SessionKind Kind { get; init; }

    public required SignInMethod Method { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the person last showed all factors; some acts want that to be a few minutes ago at most.</summary>
    public required DateTimeOffset VerifiedAt { get; set; }

    /// <summary>The last act of the person; up to a minute behind.</summary>
    public required DateTimeOffset LastSeenAt { get; set; }

    /// <summary>The absolute end, however busy the session is.</summary>
    public required DateTimeOffset EndsAt { get; init; }

    /// <summary>Access tokens carry it; a change of the person's rights raises it, and every token made before is void.</summary>
    public int Generation { get; set; }

    public string? Ip { get; set; }

    public string? UserAgent { get; set; }

    public DateTimeOffset? EndedAt { get; private set; }

    public SessionEnd? EndReason { get; private set; }

    public bool HasSecondFactor => Method != SignInMethod.Password;

    /// <summary>Neither ended, nor past its absolute end, nor unused for longer than <paramref name="idle"/>.</summary>
    public bool IsLive(DateTimeOffset now, TimeSpan idle) => EndedAt is null && now < EndsAt && now - LastSeenAt < idle;

    public void End(DateTimeOffset now, SessionEnd reason) => (EndedAt, EndReason) = (EndedAt ?? now, EndReason ?? reason);
}

internal sealed class SessionMapping : IEntityTypeConfiguration<Session>
{
    public void Configure(EntityTypeBuilder<Session> builder)
    {
        builder.ToTable("sessions");
        builder.Property(s => s.Id).HasMaxLength(40);
        builder.Property(s => s.Kind).AsName();
        builder.Property(s => s.Method).AsName();
        builder.Property(s => s.EndReason).AsName();
        builder.Property(s => s.UserAgent).HasMaxLength(Origin.MaxUserAgentLength);
        builder.HasIndex(s => new { s.UserId, s.StartedAt });
        builder.HasOne<IdentityUser>().WithMany().HasForeignKey(s => s.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
