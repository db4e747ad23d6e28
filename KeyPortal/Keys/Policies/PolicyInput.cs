using KeyPortal.Organizations;

namespace KeyPortal.Keys.Policies;

/// <summary>The whole of an organization's policy as it was typed or sent: nothing here is checked yet.</summary>
public sealed record PolicyInput
{
    /// <summary><c>never</c>, <c>30d</c>, <c>90d</c> or <c>1y</c>.</summary>
    public required string DefaultExpiresIn { get; init; }

    public required long? MaxLifetimeSeconds { get; init; }

    public required bool NeverExpiresAllowed { get; init; }

    public required long KeysPerMember { get; init; }

    public required long DefaultGracePeriodSeconds { get; init; }

    public required long? RotationAgeSeconds { get; init; }

    public required bool NetworksRequiredForLive { get; init; }

    public required IReadOnlyList<string> ApprovalScopes { get; init; }

    public required bool LimitsByAdmins { get; init; }

    /// <summary>The policy as it is, as something to be changed and sent back.</summary>
    public static PolicyInput Of(OrganizationPolicy policy) => new()
    {
        DefaultExpiresIn = policy.DefaultExpiry.WireName(),
        MaxLifetimeSeconds = policy.MaxLifetimeSeconds,
        NeverExpiresAllowed = policy.NeverExpiresAllowed,
        KeysPerMember = policy.KeysPerMember,
        DefaultGracePeriodSeconds = policy.DefaultGracePeriodSeconds,
        RotationAgeSeconds = policy.RotationAgeSeconds,
        NetworksRequiredForLive = policy.NetworksRequiredForLive,
        ApprovalScopes = policy.ApprovalScopes,
        LimitsByAdmins = policy.LimitsByAdmins,
    };
}
