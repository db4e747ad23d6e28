using KeyPortal.Keys;

namespace KeyPortal.Usage;

/// <summary>
/// One validation, as it is counted. <paramref name="KeyId"/> is null where the presented key is malformed or unknown;
/// <paramref name="OrganizationId"/> is then the caller's.
/// </summary>
public readonly record struct UsageEvent(DateTimeOffset At, string OrganizationId, string? KeyId, int SecretVersion, ValidationCode Code, string? Ip, TimeSpan Took)
{
    /// <summary>The scopes the call asked for; null for none.</summary>
    public ScopeExpression? Needed { get; init; }
}
