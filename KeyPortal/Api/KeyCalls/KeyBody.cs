using System.Runtime.CompilerServices;
using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Organizations;
using KeyPortal.Primitives;

namespace KeyPortal.Api.KeyCalls;

/// <summary>
/// What creating, replacing and changing a key take. Each setter notes that its field was sent, for a change must tell a field that is absent
/// (left as it is) from one that is null (cleared).
/// </summary>
internal sealed class KeyBody
{
    private readonly HashSet<string> _sent = [];

    public string? Name { get; set => field = Sent(value); }

    public string? Description { get; set => field = Sent(value); }

    public string? Type { get; set => field = Sent(value); }

    public string? Environment { get; set => field = Sent(value); }

    public string? OrganizationId { get; set => field = Sent(value); }

    public IReadOnlyList<string> Scopes { get; set => field = Sent(value); } = [];

    public string? ExpiresIn { get; set => field = Sent(value); }

    public string? ExpiresAt { get; set => field = Sent(value); }

    public string? NotBefore { get; set => field = Sent(value); }

    public IReadOnlyList<string> AllowedIps { get; set => field = Sent(value); } = [];

    public IReadOnlyList<string> AllowedOrigins { get; set => field = Sent(value); } = [];

    public IReadOnlyList<string> Resources { get; set => field = Sent(value); } = [];

    public Dictionary<string, string> Metadata { get; set => field = Sent(value); } = [];

    public IReadOnlyList<string> Tags { get; set => field = Sent(value); } = [];

    public IReadOnlyList<RateLimitInput>? RateLimits { get; set => field = Sent(value); } = [];

    public IReadOnlyList<QuotaInput>? Quotas { get; set => field = Sent(value); } = [];

    public string? Tier { get; set => field = Sent(value); }

    public long? RotationAgeSeconds { get; set => field = Sent(value); }

    /// <summary>The type asked for, secret where none is. An agent's key is made with its agent.</summary>
    internal KeyType KeyType => Type == "publishable" ? KeyType.Publishable : KeyType.Secret;

    internal KeyEnvironment KeyEnvironment => Environment == "live" ? KeyEnvironment.Live : KeyEnvironment.Test;

    /// <summary>Every field whose form is wrong. What the values may be is the domain's to say.</summary>
    public Refusal? CheckForm()
    {
        List<FieldError> errors = [];
        void Must(bool holds, string pointer, string detail)
        {
            if (!holds)
            {
                errors.Add(new FieldError(pointer, detail));
            }
        }

        Must(Type is null or "secret" or "publishable", "/type", "The type is secret or publishable.");
        Must(Environment is null or "test" or "live", "/environment", "The environment is test or live.");
        Must(ExpiresIn is null || ExpiryChoices.TryParse(ExpiresIn, out _), "/expires_in", "The expiry is never, 30d, 90d or 1y.");
        Must(ExpiresAt is null || WireTime.TryParse(ExpiresAt, out _), "/expires_at", WireTime.Rule);
        Must(NotBefore is null || WireTime.TryParse(NotBefore, out _), "/not_before", WireTime.Rule);
        Must(ExpiresIn is null || ExpiresAt is null, "/expires_at", "Send expires_in or expires_at, not both.");
        Must(RateLimits is not null, "/rate_limits", "This must be a list. An empty one takes the key's own rate limits away.");
        Must(Quotas is not null, "/quotas", "This must be a list. An empty one takes the key's own quotas away.");
        return errors.Count == 0 ? null : Refusal.Invalid(errors);
    }

    /// <summary>The whole of a key's rules; what was not sent has its default.</summary>
    public KeyInput ToInput() => MergeInto(new KeyInput { Name = "", UnnamedLimits = LimitParts.All });

    /// <summary>The rules of a key as they are now, with what was sent put in their place.</summary>
    public KeyInput MergeInto(KeyInput now) => now with
    {
        Name = Has(nameof(Name)) ? Name! : now.Name,
        Description = Has(nameof(Description)) ? Description : now.Description,
        Scopes = Has(nameof(Scopes)) ? Scopes : now.Scopes,
        Expiry = Expiry ?? now.Expiry,
        NotBefore = !Has(nameof(NotBefore)) ? now.NotBefore : WireTime.TryParse(NotBefore, out var start) ? start : null,
        AllowedIps = Has(nameof(AllowedIps)) ? AllowedIps : now.AllowedIps,
        AllowedOrigins = Has(nameof(AllowedOrigins)) ? AllowedOrigins : now.AllowedOrigins,
        Resources = Has(nameof(Resources)) ? Resources : now.Resources,
        Metadata = Has(nameof(Metadata)) ? Metadata : now.Metadata,
        Tags = Has(nameof(Tags)) ? Tags : now.Tags,
        RateLimits = Has(nameof(RateLimits)) ? RateLimits! : now.RateLimits,
        Quotas = Has(nameof(Quotas)) ? Quotas! : now.Quotas,
        Tier = Has(nameof(Tier)) ? Tier : now.Tier,
        UnnamedLimits = now.UnnamedLimits & ~NamedLimits,
        RotationAgeSeconds = Has(nameof(RotationAgeSeconds)) ? RotationAgeSeconds : now.RotationAgeSeconds,
    };

    /// <summary>Does the body name a type or environment other than the key's? Neither ever changes; repeating them is harmless.</summary>
    public Refusal? CheckFixed(KeyView key) =>
        Type is not null && Type != SnakeCase.Of(key.Type) ? Refusal.Invalid("/type", "A key's type cannot change. Create another key.")
        : Environment is not null && Environment != SnakeCase.Of(key.Environment) ? Refusal.Invalid("/environment", "A key's environment cannot change. Create another key.")
        : null;

    internal bool NamesFixed => Type is not null || Environment is not null;

    /// <summary>The expiry sent. A key object says <c>"expires_at": null</c> of a key that never expires, so that is what it means here.</summary>
    private ExpiryInput? Expiry =>
        ExpiryChoices.TryParse(ExpiresIn, out var choice) ? ExpiryInput.In(choice)
        : WireTime.TryParse(ExpiresAt, out var at) ? ExpiryInput.On(at)
        : Has(nameof(ExpiresAt)) ? ExpiryInput.In(ExpiryChoice.Never)
        : null;

    private LimitParts NamedLimits =>
        Named(nameof(RateLimits), LimitParts.RateLimits) | Named(nameof(Quotas), LimitParts.Quotas) | Named(nameof(Tier), LimitParts.Tier);

    private LimitParts Named(string property, LimitParts part) => Has(property) ? part : LimitParts.None;

    private bool Has(string property) => _sent.Contains(property);

    private T Sent<T>(T value, [CallerMemberName] string property = "")
    {
        _sent.Add(property);
        return value;
    }
}
