using System.Runtime.CompilerServices;
using System.Text.Json;
using KeyPortal.Keys.Policies;
using KeyPortal.Primitives;

namespace KeyPortal.Api.PolicyCalls;

/// <summary>
/// What <c>PUT /api/v1/policy</c> takes: all of a policy. None of it has a default, for a field that a client has never heard of would silently be reset, and with
/// it what protects the keys.
/// </summary>
internal sealed class PolicyBody
{
    private static readonly string[] All =
    [
        nameof(DefaultExpiresIn), nameof(MaxLifetimeSeconds), nameof(NeverExpiresAllowed), nameof(KeysPerMember), nameof(DefaultGracePeriodSeconds), nameof(RotationAgeSeconds),
        nameof(NetworksRequiredForLive), nameof(ApprovalScopes),
    ];

    private readonly HashSet<string> _sent = [];

    public string DefaultExpiresIn { get; set => field = Sent(value); } = "";

    public long? MaxLifetimeSeconds { get; set => field = Sent(value); }

    public bool NeverExpiresAllowed { get; set => field = Sent(value); }

    public long KeysPerMember { get; set => field = Sent(value); }

    public long DefaultGracePeriodSeconds { get; set => field = Sent(value); }

    public long? RotationAgeSeconds { get; set => field = Sent(value); }

    public bool NetworksRequiredForLive { get; set => field = Sent(value); }

    public IReadOnlyList<string> ApprovalScopes { get; set => field = Sent(value); } = [];

    public Outcome<PolicyInput> ToInput()
    {
        List<FieldError> missing = [.. All.Where(field => !_sent.Contains(field)).Select(field => new FieldError("/" + JsonNamingPolicy.SnakeCaseLower.ConvertName(field), "Send the whole policy: this field is missing."))];
        return missing.Count > 0 ? Refusal.Invalid(missing) : new PolicyInput
        {
            DefaultExpiresIn = DefaultExpiresIn,
            MaxLifetimeSeconds = MaxLifetimeSeconds,
            NeverExpiresAllowed = NeverExpiresAllowed,
            KeysPerMember = KeysPerMember,
            DefaultGracePeriodSeconds = DefaultGracePeriodSeconds,
            RotationAgeSeconds = RotationAgeSeconds,
            NetworksRequiredForLive = NetworksRequiredForLive,
            ApprovalScopes = ApprovalScopes,
        };
    }

    private T Sent<T>(T value, [CallerMemberName] string property = "")
    {
        _sent.Add(property);
        return value;
    }
}
