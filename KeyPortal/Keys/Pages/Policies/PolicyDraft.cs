using System.Globalization;
using KeyPortal.Keys.Policies;
using KeyPortal.Organizations;

namespace KeyPortal.Keys.Pages.Policies;

/// <summary>A policy as it stands in the fields of its page, checked by nobody yet.</summary>
public sealed class PolicyDraft
{
    public ExpiryChoice Expiry { get; set; }

    public SpanDraft MaxLifetime { get; private init; } = new();

    public bool NeverExpiresAllowed { get; set; }

    public string KeysPerMember { get; set; } = "";

    public SpanDraft Grace { get; private init; } = new();

    public SpanDraft RotationAge { get; private init; } = new();

    public bool NetworksRequired { get; set; }

    public bool LimitsByAdmins { get; set; }

    public HashSet<string> ApprovalScopes { get; } = new(StringComparer.Ordinal);

    public static PolicyDraft Of(OrganizationPolicy policy)
    {
        var draft = new PolicyDraft
        {
            Expiry = policy.DefaultExpiry,
            MaxLifetime = SpanDraft.Of(policy.MaxLifetimeSeconds),
            NeverExpiresAllowed = policy.NeverExpiresAllowed,
            KeysPerMember = policy.KeysPerMember.ToString(CultureInfo.InvariantCulture),
            Grace = SpanDraft.Of(policy.DefaultGracePeriodSeconds),
            RotationAge = SpanDraft.Of(policy.RotationAgeSeconds),
            NetworksRequired = policy.NetworksRequiredForLive,
            LimitsByAdmins = policy.LimitsByAdmins,
        };
        draft.ApprovalScopes.UnionWith(policy.ApprovalScopes);
        return draft;
    }

    public PolicyInput ToInput() => new()
    {
        DefaultExpiresIn = Expiry.WireName(),
        MaxLifetimeSeconds = MaxLifetime.ToSeconds(),
        NeverExpiresAllowed = NeverExpiresAllowed,
        KeysPerMember = long.TryParse(KeysPerMember.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var keys) ? keys : 0,
        DefaultGracePeriodSeconds = Grace.ToSeconds() ?? -1, // Nothing typed is no span either.
        RotationAgeSeconds = RotationAge.ToSeconds(),
        NetworksRequiredForLive = NetworksRequired,
        ApprovalScopes = [.. ApprovalScopes.Order(StringComparer.Ordinal)],
        LimitsByAdmins = LimitsByAdmins,
    };

    public bool IsChangedFrom(PolicyDraft shown)
    {
        var (wanted, before) = (ToInput(), shown.ToInput());
        return !ApprovalScopes.SetEquals(shown.ApprovalScopes) || wanted with { ApprovalScopes = before.ApprovalScopes } != before;
    }

    /// <summary>
    /// What <paramref name="present"/> becomes when a person who was <paramref name="shown"/> a draft turns it into this one: a field that was not touched stays as
    /// somebody else may have made it meanwhile.
    /// </summary>
    public PolicyInput ChangeFrom(PolicyDraft shown, PolicyInput present)
    {
        var (wanted, before) = (ToInput(), shown.ToInput());
        return present with
        {
            DefaultExpiresIn = wanted.DefaultExpiresIn == before.DefaultExpiresIn ? present.DefaultExpiresIn : wanted.DefaultExpiresIn,
            MaxLifetimeSeconds = wanted.MaxLifetimeSeconds == before.MaxLifetimeSeconds ? present.MaxLifetimeSeconds : wanted.MaxLifetimeSeconds,
            NeverExpiresAllowed = wanted.NeverExpiresAllowed == before.NeverExpiresAllowed ? present.NeverExpiresAllowed : wanted.NeverExpiresAllowed,
            KeysPerMember = wanted.KeysPerMember == before.KeysPerMember ? present.KeysPerMember : wanted.KeysPerMember,
            DefaultGracePeriodSeconds = wanted.DefaultGracePeriodSeconds == before.DefaultGracePeriodSeconds ? present.DefaultGracePeriodSeconds : wanted.DefaultGracePeriodSeconds,
            RotationAgeSeconds = wanted.RotationAgeSeconds == before.RotationAgeSeconds ? present.RotationAgeSeconds : wanted.RotationAgeSeconds,
            NetworksRequiredForLive = wanted.NetworksRequiredForLive == before.NetworksRequiredForLive ? present.NetworksRequiredForLive : wanted.NetworksRequiredForLive,
            ApprovalScopes = ApprovalScopes.SetEquals(shown.ApprovalScopes) ? present.ApprovalScopes : wanted.ApprovalScopes,
            LimitsByAdmins = wanted.LimitsByAdmins == before.LimitsByAdmins ? present.LimitsByAdmins : wanted.LimitsByAdmins,
        };
    }
}
