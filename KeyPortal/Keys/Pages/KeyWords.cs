using System.Globalization;
using KeyPortal.Organizations;

namespace KeyPortal.Keys.Pages;

/// <summary>A key's state as a person reads it: the stored status, and two warnings that only time makes.</summary>
public sealed record KeyStanding(string Word, string Tone)
{
    /// <summary>How long before its end an active key begins to warn.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    public static KeyStanding Of(KeyView key, DateTimeOffset now) => key.Status switch
    {
        KeyStatus.Revoked => new("Revoked", "bad"),
        KeyStatus.Disabled => new("Disabled", ""),
        KeyStatus.Expired => new("Expired", "bad"),
        KeyStatus.Pending => new("Waits for approval", "warning"),
        KeyStatus.Retiring => new("Retiring", "warning"),
        _ when IsRotating(key, now) => new("Rotating", "warning"),
        _ when key.NotBefore > now => new("Not yet valid", ""),
        _ when ExpiresSoon(key, now) => new("Expires soon", "warning"),
        _ when key.RotationDueAt <= now => new("Rotation overdue", "warning"),
        _ when RotatesSoon(key, now) => new("Rotate soon", "warning"),
        _ => new("Active", "good"),
    };

    /// <summary>Two secrets are good.</summary>
    public static bool IsRotating(KeyView key, DateTimeOffset now) => key.Status == KeyStatus.Active && key.PreviousValidUntil > now;

    public static bool ExpiresSoon(KeyView key, DateTimeOffset now) => key.Status == KeyStatus.Active && key.ExpiresAt < now + Soon;

    /// <summary>The secret has come to its age, or is close to it: no sooner than in the second half of a short one, else a key would always warn.</summary>
    public static bool RotatesSoon(KeyView key, DateTimeOffset now)
    {
        if (key.Status != KeyStatus.Active || key.RotationDueAt is not { } due)
        {
            return false;
        }

        var half = (due - (key.RotatedAt ?? key.CreatedAt)) / 2;
        return due - (half < Soon ? half : Soon) <= now;
    }
}

/// <summary>What the key pages call things: one place, so that two pages never use two words.</summary>
public static class KeyWords
{
    public static string Of(KeyStatus status) => status switch
    {
        KeyStatus.Active => "Active",
        KeyStatus.Disabled => "Disabled",
        KeyStatus.Expired => "Expired",
        KeyStatus.Pending => "Waits for approval",
        KeyStatus.Retiring => "Retiring",
        _ => "Revoked",
    };

    public static string Of(KeyEnvironment environment) => environment == KeyEnvironment.Live ? "live" : "test";

    public static string Of(KeyType type) => type switch
    {
        KeyType.Secret => "secret",
        KeyType.Publishable => "publishable",
        _ => "agent",
    };

    public static string Of(RevocationReason reason) => reason switch
    {
        RevocationReason.KeyCompromise => "It leaked, or may have",
        RevocationReason.Superseded => "Another key has replaced it",
        RevocationReason.AffiliationChanged => "Its owner has moved on",
        RevocationReason.PrivilegeWithdrawn => "Its permission was withdrawn",
        _ => "No reason given",
    };

    public static string Of(ExpiryChoice choice) => choice switch
    {
        ExpiryChoice.Never => "Never",
        ExpiryChoice.Days30 => "30 days",
        ExpiryChoice.Days90 => "90 days",
        _ => "1 year",
    };

    /// <summary>Why calls were refused, as a heading over a count.</summary>
    public static string Of(ValidationCode code) => code switch
    {
        ValidationCode.Valid => "Valid",
        ValidationCode.Malformed => "Not a key at all",
        ValidationCode.NotFound => "Unknown key",
        ValidationCode.Revoked => "Key revoked",
        ValidationCode.Disabled => "Key disabled",
        ValidationCode.Expired => "Key expired",
        ValidationCode.NotYetValid => "Used before its start",
        ValidationCode.AgentSuspended => "Agent suspended",
        ValidationCode.EnvironmentMismatch => "Wrong environment",
        ValidationCode.IpNotAllowed => "Address not allowed",
        ValidationCode.OriginNotAllowed => "Origin not allowed",
        ValidationCode.InsufficientScope => "Scope missing",
        ValidationCode.ResourceNotAllowed => "Resource not allowed",
        ValidationCode.RateLimited => "Rate limit reached",
        ValidationCode.QuotaExceeded => "Quota used up",
        _ => code.ToString(),
    };

    /// <summary>Two letters for a narrow column: of <c>Mara Rossi</c>, <c>MR</c>. Whole characters as people see them, in any script.</summary>
    public static string Initials(string name)
    {
        var words = name.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Concat(words.Take(2).Select(word => StringInfo.GetNextTextElement(word))).ToUpperInvariant();
    }

    /// <summary><c>1 call</c>, <c>1,204 calls</c>.</summary>
    public static string Count(long count, string one, string many) => $"{count:N0} {(count == 1 ? one : many)}";
}
