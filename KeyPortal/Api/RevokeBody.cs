using KeyPortal.Keys;
using KeyPortal.Primitives;

namespace KeyPortal.Api;

/// <summary>What <c>POST /api/v1/api-keys/{id}/revoke</c> may take; no body at all is fine too.</summary>
internal sealed record RevokeBody
{
    public static readonly RevokeBody None = new();

    public string? Reason { get; init; }

    public Outcome<RevocationReason> ToReason() =>
        Reason is null ? RevocationReason.Unspecified
        : SnakeCase.TryParse<RevocationReason>(Reason, out var reason) ? reason
        : Refusal.Invalid("/reason", $"The reason is one of {string.Join(", ", SnakeCase.AllOf<RevocationReason>())}.");
}

/// <summary>What a call takes that needs nothing: no body, or <c>{}</c>.</summary>
internal sealed record EmptyBody
{
    public static readonly EmptyBody None = new();
}
