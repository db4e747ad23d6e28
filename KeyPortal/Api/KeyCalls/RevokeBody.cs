using KeyPortal.Keys;
using KeyPortal.Primitives;

namespace KeyPortal.Api.KeyCalls;

/// <summary>What <c>POST /api/v1/api-keys/{id}/revoke</c> may take; no body at all is fine too.</summary>
internal sealed record RevokeBody
{
    public static readonly RevokeBody None = new();

    public string? Reason { get; init; }

    /// <summary>Announces the end instead; 0 is now.</summary>
    public long? RetireInSeconds { get; init; }

    public Outcome<RevocationReason> ToReason() =>
        Reason is null ? RevocationReason.Unspecified
        : SnakeCase.TryParse<RevocationReason>(Reason, out var reason) ? reason
        : Refusal.Invalid("/reason", $"The reason is one of {string.Join(", ", SnakeCase.AllOf<RevocationReason>())}.");

    /// <summary>How long until then, null for at once. Numbers too big for any span are as wrong as those that are just too big.</summary>
    public TimeSpan? ToNotice() => RetireInSeconds is null or 0 ? null : WireTime.Span(RetireInSeconds.Value);
}

/// <summary>What <c>POST /api/v1/api-keys/{id}/rotate</c> may take; no body at all is fine too.</summary>
internal sealed record RotateBody
{
    public static readonly RotateBody None = new();

    public long? GracePeriodSeconds { get; init; }

    public bool? Force { get; init; }

    public RotationInput ToInput() => new(GracePeriodSeconds is { } seconds ? WireTime.Span(seconds) : null, Force ?? false);
}

/// <summary>What a call takes that needs nothing: no body, or <c>{}</c>.</summary>
internal sealed record EmptyBody
{
    public static readonly EmptyBody None = new();
}
