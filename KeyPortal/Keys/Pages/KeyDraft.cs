using KeyPortal.Components;
using KeyPortal.Limits;
using KeyPortal.Limits.Pages;
using KeyPortal.Organizations;
using KeyPortal.Primitives;

namespace KeyPortal.Keys.Pages;

/// <summary>What a person has typed about a key so far: text as it stands in the fields, checked by nobody yet.</summary>
public sealed class KeyDraft
{
    public string Name { get; set; } = "";

    public string Description { get; set; } = "";

    public KeyEnvironment Environment { get; set; } = KeyEnvironment.Test;

    public KeyType Type { get; set; } = KeyType.Secret;

    public HashSet<string> Scopes { get; } = new(StringComparer.Ordinal);

    /// <summary>One network a line.</summary>
    public string Networks { get; set; } = "";

    /// <summary>One origin a line.</summary>
    public string Origins { get; set; } = "";

    /// <summary>Null where <see cref="ExpiresOn"/> holds a day, or where an edited key keeps the expiry it has.</summary>
    public ExpiryChoice? Expiry { get; set; }

    public bool ExpiresOnDay { get; set; }

    public DateOnly? ExpiresOn { get; set; }

    public DateTime? StartsAt { get; set; }

    /// <summary>One resource a line.</summary>
    public string Resources { get; set; } = "";

    /// <summary>Separated by commas.</summary>
    public string Tags { get; set; } = "";

    /// <summary>One <c>name: value</c> a line.</summary>
    public string Metadata { get; set; } = "";

    /// <summary>Null for what the policy says.</summary>
    public long? RotationAgeSeconds { get; set; }

    /// <summary>The key's own.</summary>
    public List<LimitDraft> RateLimits { get; } = [];

    /// <summary>The key's own.</summary>
    public List<QuotaDraft> Quotas { get; } = [];

    /// <summary>Null for the organization's default.</summary>
    public string? Tier { get; set; }

    public bool HasLimits => Tier is not null || RateLimits.Count + Quotas.Count > 0;

    public IReadOnlyList<RateLimit> MeantRateLimits => [.. RateLimits.Select(d => d.Meant).OfType<RateLimit>()];

    public IReadOnlyList<Quota> MeantQuotas => [.. Quotas.Select(d => d.Meant).OfType<Quota>()];

    public IReadOnlyList<string> NetworkLines => Lines(Networks);

    public IReadOnlyList<string> OriginLines => Lines(Origins);

    public IReadOnlyList<string> ResourceLines => Lines(Resources);

    public IReadOnlyList<string> TagWords => Words(Tags);

    public IReadOnlyDictionary<string, string> MetadataPairs => Lines(Metadata)
        .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
        .GroupBy(pair => pair[0], StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.Last() is [_, var value] ? value : "", StringComparer.Ordinal);

    /// <summary>When the key would end: null for never. A day is meant to its end, in the viewer's time zone.</summary>
    public DateTimeOffset? EndsAt(ViewerTime viewer) =>
        ExpiresOnDay ? ExpiresOn is { } day ? viewer.Instant(day.AddDays(1).ToDateTime(TimeOnly.MinValue)).AddSeconds(-1) : null
        : Expiry?.From(viewer.Now);

    public static KeyDraft For(OrganizationPolicy policy) => new() { Expiry = policy.DefaultExpiry };

    public static KeyDraft Of(KeyView key, ViewerTime viewer)
    {
        var draft = new KeyDraft
        {
            Name = key.Name,
            Description = key.Description ?? "",
            Environment = key.Environment,
            Type = key.Type,
            Networks = string.Join('\n', key.AllowedIps),
            Origins = string.Join('\n', key.AllowedOrigins),
            Expiry = key.ExpiresAt is null ? ExpiryChoice.Never : null,
            ExpiresOnDay = key.ExpiresAt is not null,
            ExpiresOn = key.ExpiresAt is { } end ? DateOnly.FromDateTime(viewer.Local(end).DateTime) : null,
            StartsAt = key.NotBefore is { } start ? viewer.Local(start).DateTime : null,
            Resources = string.Join('\n', key.Resources),
            Tags = string.Join(", ", key.Tags),
            Metadata = string.Join('\n', key.Metadata.Select(m => $"{m.Key}: {m.Value}")),
            RotationAgeSeconds = key.RotationAgeSeconds,
            Tier = key.Tier,
            ResourcesAreFixed = !key.Resources.All(IsLine),
            TagsAreFixed = !key.Tags.All(tag => IsLine(tag) && !tag.Contains(',', StringComparison.Ordinal)),
            MetadataIsFixed = !key.Metadata.All(m => IsLine(m.Key) && !m.Key.Contains(':', StringComparison.Ordinal) && (m.Value.Length == 0 || IsLine(m.Value))),
        };
        draft.Scopes.UnionWith(key.Scopes);
        draft.RateLimits.AddRange(key.RateLimits.Select(LimitDraft.Of));
        draft.Quotas.AddRange(key.Quotas.Select(QuotaDraft.Of));
        return draft;
    }

    public KeyInput ToInput(ViewerTime viewer) => new()
    {
        Name = Name.Trim(),
        Description = string.IsNullOrWhiteSpace(Description) ? null : Description.Trim(),
        Scopes = [.. Scopes.Order(StringComparer.Ordinal)],
        Expiry = Expiry is { } choice && !ExpiresOnDay ? ExpiryInput.In(choice) : EndsAt(viewer) is { } at ? ExpiryInput.On(at) : ExpiryInput.PolicyDefault,
        NotBefore = StartsAt is { } start ? viewer.Instant(start) : null,
        AllowedIps = NetworkLines,
        AllowedOrigins = Type == KeyType.Publishable ? OriginLines : [],
        Resources = ResourceLines,
        Tags = TagWords,
        Metadata = MetadataPairs,
        RateLimits = [.. RateLimits.Select(d => d.ToInput())],
        Quotas = [.. Quotas.Select(d => d.ToInput())],
        Tier = Tier,
        RotationAgeSeconds = RotationAgeSeconds,
    };

    /// <summary>
    /// What <paramref name="present"/> becomes when a person who was <paramref name="shown"/> a draft turns it into this one. A field that was not
    /// touched keeps its exact value: text fields show instants to the minute, trim, and cannot hold every name or tag that the API takes.
    /// </summary>
    public KeyInput ChangeFrom(KeyDraft shown, KeyInput present, ViewerTime viewer)
    {
        var (wanted, before) = (ToInput(viewer), shown.ToInput(viewer));
        return present with
        {
            Name = Name == shown.Name ? present.Name : wanted.Name,
            Description = Description == shown.Description ? present.Description : wanted.Description,
            Scopes = Scopes.SetEquals(shown.Scopes) ? present.Scopes : wanted.Scopes,
            Expiry = wanted.Expiry == before.Expiry ? present.Expiry : wanted.Expiry,
            NotBefore = wanted.NotBefore == before.NotBefore ? present.NotBefore : wanted.NotBefore,
            AllowedIps = Networks == shown.Networks ? present.AllowedIps : wanted.AllowedIps,
            AllowedOrigins = Origins == shown.Origins ? present.AllowedOrigins : wanted.AllowedOrigins,
            Resources = Resources == shown.Resources ? present.Resources : wanted.Resources,
            Tags = Tags == shown.Tags ? present.Tags : wanted.Tags,
            Metadata = Metadata == shown.Metadata ? present.Metadata : wanted.Metadata,
            RateLimits = wanted.RateLimits.SequenceEqual(before.RateLimits) ? present.RateLimits : wanted.RateLimits,
            Quotas = wanted.Quotas.SequenceEqual(before.Quotas) ? present.Quotas : wanted.Quotas,
            Tier = Tier == shown.Tier ? present.Tier : Tier,
            RotationAgeSeconds = RotationAgeSeconds == shown.RotationAgeSeconds ? present.RotationAgeSeconds : wanted.RotationAgeSeconds,
        };
    }

    /// <summary>True where the key came over the API with resources that no line of text can hold; such a field is shown and not edited here.</summary>
    public bool ResourcesAreFixed { get; private init; }

    public bool TagsAreFixed { get; private init; }

    public bool MetadataIsFixed { get; private init; }

    private static bool IsLine(string text) => Lines(text) is [var line] && line == text;

    /// <summary>Words with commas between them.</summary>
    public static string[] Words(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
