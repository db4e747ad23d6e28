using System.Net;
using KeyPortal.Limits;
using KeyPortal.Primitives;

namespace KeyPortal.Keys;

/// <summary>Why a key is refused, in the order in which one code stands for all.</summary>
public enum ValidationCode
{
    Valid,
    Malformed,
    NotFound,
    Revoked,
    Disabled,
    Expired,
    NotYetValid,
    AgentSuspended,
    EnvironmentMismatch,
    IpNotAllowed,
    OriginNotAllowed,
    InsufficientScope,
    ResourceNotAllowed,
    RateLimited,
    QuotaExceeded,
}

/// <summary>One check that failed, and a sentence a person can act on.</summary>
public sealed record ValidationReason(ValidationCode Code, string Detail);

/// <summary>Why a key that is good now will not be for long.</summary>
public enum KeyWarningCode
{
    /// <summary>Its revocation is announced.</summary>
    Retiring,

    /// <summary>The secret was rotated out and is within its grace period.</summary>
    Superseded,

    /// <summary>A rate limit is used to the percentage from which it warns.</summary>
    RateLimitNear,

    /// <summary>The same of a quota.</summary>
    QuotaNear,

    /// <summary>A soft quota is used up; calls go on.</summary>
    QuotaPassed,
}

/// <summary>One warning, and a sentence a person can act on.</summary>
public sealed record KeyWarning(KeyWarningCode Code, string Detail);

/// <summary>What a call says of itself; each absent part is not checked, save where the key's own rules need it.</summary>
public sealed record KeyDemand
{
    public static readonly KeyDemand Nothing = new();

    public ScopeExpression? Scopes { get; init; }

    public string? Resource { get; init; }

    public string? Ip { get; init; }

    public string? Origin { get; init; }

    public KeyEnvironment? Environment { get; init; }
}

/// <summary>Everything a validation needs to know of one secret and its key: immutable, so that any number of calls may read it while it is replaced.</summary>
public sealed class KeySnapshot
{
    public required LookupHash Hash { get; init; }

    public required string KeyId { get; init; }

    public required string OrganizationId { get; init; }

    public required string Name { get; init; }

    public required KeyType Type { get; init; }

    public required KeyEnvironment Environment { get; init; }

    public required string OwnerId { get; init; }

    /// <summary>The owner's role when this was read; null when the owner is no longer a member.</summary>
    public required Role? OwnerRole { get; init; }

    public required IReadOnlyList<Scope> Scopes { get; init; }

    public required IReadOnlyList<AllowedNetwork> Networks { get; init; }

    public required IReadOnlyList<AllowedOrigin> Origins { get; init; }

    public required IReadOnlyList<string> Resources { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required KeyLimits Limits { get; init; }

    /// <summary>Under which the key's calls are counted.</summary>
    public required CounterId CounterId { get; init; }

    /// <summary>Grows from read to read, so that of two snapshots of one key it is known whose limits are older.</summary>
    public required long ReadNumber { get; init; }

    public LimitedKey Limited => new(CounterId, KeyId, Limits, ReadNumber);

    public required DateTimeOffset? NotBefore { get; init; }

    public required DateTimeOffset? ExpiresAt { get; init; }

    public required bool IsDisabled { get; init; }

    /// <summary>When the key ends for good, or ended; still to come while it is being retired.</summary>
    public required DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Waits for a second person's approval.</summary>
    public required bool IsPending { get; init; }

    public required int SecretVersion { get; init; }

    public required DateTimeOffset? SecretEndsAt { get; init; }

    /// <summary>Nobody had used this secret when it was read; <see cref="SecretUses"/> hears of the first time.</summary>
    public required bool IsFirstUse { get; init; }

    /// <summary>Has a use of this snapshot been told already?</summary>
    internal bool IsUseTold { get; set; }

    /// <summary>Every check that fails, in order of precedence; null when none does (the usual case makes no list).</summary>
    public List<ValidationReason>? Check(KeyDemand demand, DateTimeOffset now)
    {
        List<ValidationReason>? reasons = null;
        // Only ever called, never passed on: as a delegate it would cost an object at every call, refused or not.
        void Fail(ValidationCode code, string detail) => (reasons ??= []).Add(new ValidationReason(code, detail));

        if (RevokedAt <= now)
        {
            Fail(ValidationCode.Revoked, "The key was revoked and will not come back. Create a new one.");
        }

        if (IsDisabled)
        {
            Fail(ValidationCode.Disabled, "The key is disabled. An admin or its owner can enable it again.");
        }

        if (ExpiresAt <= now)
        {
            Fail(ValidationCode.Expired, $"The key expired at {Instant(ExpiresAt.Value)}.");
        }
        else if (SecretEndsAt <= now)
        {
            Fail(ValidationCode.Expired, $"This secret was rotated out and ended at {Instant(SecretEndsAt.Value)}. Use the newer one.");
        }

        if (IsPending)
        {
            Fail(ValidationCode.NotYetValid, "The key waits for a second person's approval.");
        }

        if (NotBefore > now)
        {
            Fail(ValidationCode.NotYetValid, $"The key is not valid before {Instant(NotBefore.Value)}.");
        }

        if (demand.Environment is { } environment && environment != Environment)
        {
            Fail(ValidationCode.EnvironmentMismatch, $"This is a {SnakeCase.Of(Environment)} key; the call is for {SnakeCase.Of(environment)}.");
        }

        if (Networks.Count > 0 && FaultOfAddress(demand.Ip) is { } badAddress)
        {
            Fail(ValidationCode.IpNotAllowed, badAddress);
        }

        if (Origins.Count > 0 && FaultOfOrigin(demand.Origin) is { } badOrigin)
        {
            Fail(ValidationCode.OriginNotAllowed, badOrigin);
        }

        if (demand.Scopes is { } needed && !needed.IsMetBy(Scopes))
        {
            Fail(ValidationCode.InsufficientScope, $"The call needs {needed}; the key holds {(Scopes.Count == 0 ? "no scope" : string.Join(", ", Scopes))}.");
        }

        if (Resources.Count > 0 && demand.Resource is { } resource && !CoversAny(resource))
        {
            Fail(ValidationCode.ResourceNotAllowed, $"{resource} is not among the key's resources: {string.Join(", ", Resources)}.");
        }

        return reasons;
    }

    /// <summary>What is announced for a key that is good at <paramref name="now"/>; the usual case makes no list.</summary>
    public IReadOnlyList<KeyWarning> Warn(DateTimeOffset now)
    {
        if (RevokedAt is null && SecretEndsAt is null)
        {
            return [];
        }

        List<KeyWarning> warnings = [];
        if (RevokedAt > now)
        {
            warnings.Add(new KeyWarning(KeyWarningCode.Retiring, $"The key is being retired and ends at {Instant(RevokedAt.Value)}."));
        }

        if (SecretEndsAt > now)
        {
            warnings.Add(new KeyWarning(KeyWarningCode.Superseded, $"This secret was rotated out and ends at {Instant(SecretEndsAt.Value)}. Use the newer one."));
        }

        return warnings;
    }

    /// <summary>What is wrong with the address a call names; null when it is in one of the key's networks.</summary>
    private string? FaultOfAddress(string? ip) =>
        ip is null ? $"The key may be used from {string.Join(", ", Networks)} only, and the call names no ip."
        : !AllowedNetwork.TryParseAddress(ip, out var address) ? $"{ip} is not an IP address."
        : !Networks.Any(n => n.Contains(address)) ? $"{ip} is not in {string.Join(", ", Networks)}."
        : null;

    private string? FaultOfOrigin(string? origin) =>
        origin is null ? $"The key may be used from {string.Join(", ", Origins)} only, and the call names no origin."
        : !Origins.Any(o => o.Matches(origin)) ? $"{origin} is not among {string.Join(", ", Origins)}."
        : null;

    private bool CoversAny(string resource) => Resources.Any(r => Covers(r, resource));

    /// <summary>Exact, or everything that begins with what stands before a closing <c>*</c>.</summary>
    private static bool Covers(string allowed, string resource) =>
        allowed.EndsWith('*') ? resource.AsSpan().StartsWith(allowed.AsSpan(0, allowed.Length - 1), StringComparison.Ordinal) : allowed == resource;

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
}
