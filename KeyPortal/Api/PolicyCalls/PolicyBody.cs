using System.Runtime.CompilerServices;
using KeyPortal.Keys.Policies;

namespace KeyPortal.Api.PolicyCalls;

/// <summary>
/// What <c>PUT /api/v1/policy</c> takes. What is not named stays as it is: none of it has a default, for a field that a client has never heard of would silently be
/// reset, and with it what protects the keys.
/// </summary>
internal sealed class PolicyBody
{
    private readonly HashSet<string> _sent = [];

    public string DefaultExpiresIn { get; set => field = Sent(value); } = "";

    public long? MaxLifetimeSeconds { get; set => field = Sent(value); }

    public bool NeverExpiresAllowed { get; set => field = Sent(value); }

    public long KeysPerMember { get; set => field = Sent(value); }

    public long DefaultGracePeriodSeconds { get; set => field = Sent(value); }

    public long? RotationAgeSeconds { get; set => field = Sent(value); }

    public bool NetworksRequiredForLive { get; set => field = Sent(value); }

    public IReadOnlyList<string> ApprovalScopes { get; set => field = Sent(value); } = [];

    public bool LimitsByAdmins { get; set => field = Sent(value); }

    /// <summary>The policy as it is now, with what was sent put in its place.</summary>
    public PolicyInput MergeInto(PolicyInput now) => new()
    {
        DefaultExpiresIn = Has(nameof(DefaultExpiresIn)) ? DefaultExpiresIn : now.DefaultExpiresIn,
        MaxLifetimeSeconds = Has(nameof(MaxLifetimeSeconds)) ? MaxLifetimeSeconds : now.MaxLifetimeSeconds,
        NeverExpiresAllowed = Has(nameof(NeverExpiresAllowed)) ? NeverExpiresAllowed : now.NeverExpiresAllowed,
        KeysPerMember = Has(nameof(KeysPerMember)) ? KeysPerMember : now.KeysPerMember,
        DefaultGracePeriodSeconds = Has(nameof(DefaultGracePeriodSeconds)) ? DefaultGracePeriodSeconds : now.DefaultGracePeriodSeconds,
        RotationAgeSeconds = Has(nameof(RotationAgeSeconds)) ? RotationAgeSeconds : now.RotationAgeSeconds,
        NetworksRequiredForLive = Has(nameof(NetworksRequiredForLive)) ? NetworksRequiredForLive : now.NetworksRequiredForLive,
        ApprovalScopes = Has(nameof(ApprovalScopes)) ? ApprovalScopes : now.ApprovalScopes,
        LimitsByAdmins = Has(nameof(LimitsByAdmins)) ? LimitsByAdmins : now.LimitsByAdmins,
    };

    private bool Has(string property) => _sent.Contains(property);

    private T Sent<T>(T value, [CallerMemberName] string property = "")
    {
        _sent.Add(property);
        return value;
    }
}
