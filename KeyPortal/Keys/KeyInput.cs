using KeyPortal.Limits;
using KeyPortal.Organizations;

namespace KeyPortal.Keys;

/// <summary>When a key should expire: as the policy says, one of the usual spans from now, or an instant.</summary>
public readonly record struct ExpiryInput
{
    private ExpiryInput(ExpiryChoice? choice, DateTimeOffset? at) => (Choice, At) = (choice, at);

    public ExpiryChoice? Choice { get; }

    public DateTimeOffset? At { get; }

    public static readonly ExpiryInput PolicyDefault;

    public static ExpiryInput In(ExpiryChoice choice) => new(choice, null);

    public static ExpiryInput On(DateTimeOffset at) => new(null, at);

    public DateTimeOffset? Resolve(DateTimeOffset now, OrganizationPolicy policy) => At ?? (Choice ?? policy.DefaultExpiry).From(now);
}

/// <summary>The parts of a key's limits.</summary>
[Flags]
public enum LimitParts
{
    None = 0,
    RateLimits = 1,
    Quotas = 2,
    Tier = 4,
    All = RateLimits | Quotas | Tier,
}

/// <summary>Everything about a key that its maker may choose and later change, as it was typed or sent: nothing here is checked yet.</summary>
public sealed record KeyInput
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    public IReadOnlyList<string> Scopes { get; init; } = [];

    public ExpiryInput Expiry { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public IReadOnlyList<string> AllowedIps { get; init; } = [];

    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    public IReadOnlyList<string> Resources { get; init; } = [];

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> Tags { get; init; } = [];

    public IReadOnlyList<RateLimitInput> RateLimits { get; init; } = [];

    public IReadOnlyList<QuotaInput> Quotas { get; init; } = [];

    /// <summary>The tier whose limits the key takes; null for the organization's default.</summary>
    public string? Tier { get; init; }

    /// <summary>What of the limits has its default because whoever sent all of the rules named none. For those who may set no limits it stays as it is.</summary>
    public LimitParts UnnamedLimits { get; init; }

    /// <summary>How old a secret of this key should get, in seconds; null for what the policy says.</summary>
    public long? RotationAgeSeconds { get; init; }

    /// <summary>The rules a key has now, as something to be changed and sent back.</summary>
    public static KeyInput Of(ApiKey key) => new()
    {
        Name = key.Name,
        Description = key.Description,
        Scopes = key.Scopes,
        Expiry = key.ExpiresAt is { } at ? ExpiryInput.On(at) : ExpiryInput.In(ExpiryChoice.Never),
        NotBefore = key.NotBefore,
        AllowedIps = key.AllowedIps,
        AllowedOrigins = key.AllowedOrigins,
        Resources = key.Resources,
        Metadata = key.Metadata,
        Tags = key.Tags,
        RateLimits = [.. key.RateLimits.Select(RateLimitInput.Of)],
        Quotas = [.. key.Quotas.Select(QuotaInput.Of)],
        Tier = key.Tier,
        RotationAgeSeconds = key.RotationAgeSeconds,
    };
}
