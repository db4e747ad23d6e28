using KeyPortal.Limits;
using KeyPortal.Organizations;
using KeyPortal.Primitives;

namespace KeyPortal.Keys;

/// <summary>
/// Checks a <see cref="KeyInput"/> against form, catalogue and policy, and writes it onto a key. Names every broken rule at once, each with the
/// field it is about, so that a person corrects a form one time and not five.
/// </summary>
internal sealed class KeyRules(OrganizationPolicy policy, IReadOnlyList<CatalogueScope> catalogue, TierList tiers, DateTimeOffset now)
{
    public const int MaxScopes = 50;
    public const int MaxNetworks = 100;
    public const int MaxOrigins = 100;
    public const int MaxResources = 100;
    public const int MaxResourceLength = 500;
    public const int MaxMetadataEntries = 50;
    public const int MaxMetadataNameLength = 64;
    public const int MaxMetadataValueLength = 500;
    public const int MaxTags = 20;
    public const int MaxTagLength = 50;

    private readonly List<FieldError> _errors = [];

    /// <summary>
    /// Writes the checked input onto <paramref name="key"/>, or answers with every rule it breaks and leaves the key alone. Rules about time bind
    /// only what changes: an expired key may still be renamed.
    /// </summary>
    public Refusal? Apply(KeyInput input, ApiKey key)
    {
        Text(input.Name, "/name", "Name", 1, ApiKey.MaxNameLength);
        Text(input.Description, "/description", "Description", 0, ApiKey.MaxDescriptionLength);
        var scopes = Scopes(input, key);
        var networks = Networks(input.AllowedIps);
        var origins = Origins(input.AllowedOrigins, key.Type);
        Texts(input.Resources, "/resources", "resources", "Resource", MaxResources, MaxResourceLength);
        Texts(input.Tags, "/tags", "tags", "Tag", MaxTags, MaxTagLength);
        Metadata(input.Metadata);
        PlaceRequired(input, key);
        var (rateLimits, quotas) = (LimitRules.RateLimits(input.RateLimits, Fail), LimitRules.Quotas(input.Quotas, Fail));
        Tier(input, key);
        var expiresAt = Expiry(input, key);
        if (input.RotationAgeSeconds is < RotationAge.LeastSeconds or > RotationAge.MostSeconds)
        {
            Fail("/rotation_age_seconds", $"A rotation age has {RotationAge.LeastSeconds:N0} to {RotationAge.MostSeconds:N0} seconds (1 day to 10 years).");
        }

        if (_errors.Count > 0)
        {
            return Refusal.Invalid(_errors);
        }

        key.Name = input.Name;
        key.Description = string.IsNullOrEmpty(input.Description) ? null : input.Description;
        key.Scopes = scopes;
        key.AllowedIps = networks;
        key.AllowedOrigins = origins;
        key.Resources = [.. input.Resources.Distinct(StringComparer.Ordinal)];
        key.Tags = [.. input.Tags.Distinct(StringComparer.Ordinal)];
        key.Metadata = input.Metadata;
        (key.RateLimits, key.Quotas, key.Tier) = (rateLimits, quotas, input.Tier);
        key.NotBefore = input.NotBefore;
        key.ExpiresAt = expiresAt;
        key.RotationAgeSeconds = input.RotationAgeSeconds;
        key.IndexForSearch();
        return null;
    }

    /// <summary>Could a new key hold all that this one holds, be used from where it is, and take from its tier?</summary>
    public Refusal? CheckHeld(ApiKey key)
    {
        Scopes(key.Scopes, kept: [], key.Type);
        Tier(key.Tier);
        PlaceRules.Check(policy, key, key.AllowedIps, key.AllowedOrigins, keeps: false, Fail);
        return _errors.Count > 0 ? Refusal.Invalid([_errors[0]]) : null;
    }

    private void Fail(string pointer, string detail) => _errors.Add(new FieldError(pointer, detail));

    private void Text(string? text, string pointer, string name, int minLength, int maxLength)
    {
        if (TextRules.Check(text, name, minLength, maxLength) is { } broken)
        {
            Fail(pointer, broken);
        }
    }

    private bool Count(int count, string pointer, string name, int max)
    {
        if (count > max)
        {
            Fail(pointer, $"A key may have {max} {name} at most; this has {count}.");
        }

        return count <= max;
    }

    private void Texts(IReadOnlyList<string> texts, string pointer, string names, string name, int max, int maxLength)
    {
        if (Count(texts.Count, pointer, names, max))
        {
            for (var i = 0; i < texts.Count; i++)
            {
                Text(texts[i], $"{pointer}/{i}", name, 1, maxLength);
            }
        }
    }

    /// <summary>Expired keys do not keep a tier from going: one whose tier has gone may be changed, but is brought back only with a tier that is there.</summary>
    private void Tier(KeyInput input, ApiKey key)
    {
        var isLeftOver = input.Tier == key.Tier && key.ExpiresAt <= now && !Revives(input, key);
        if (!isLeftOver)
        {
            Tier(input.Tier);
        }
    }

    private void Tier(string? name)
    {
        if (name is not null && tiers.Find(name) is null)
        {
            Fail("/tier", $"Your organization has no tier of this name. It has {string.Join(", ", tiers.Tiers.Select(t => t.Name))}.");
        }
    }

    private void Metadata(IReadOnlyDictionary<string, string> metadata)
    {
        if (Count(metadata.Count, "/metadata", "metadata entries", MaxMetadataEntries))
        {
            foreach (var (name, value) in metadata)
            {
                var pointer = "/metadata/" + name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
                Text(name, pointer, "A metadata name", 1, MaxMetadataNameLength);
                Text(value, pointer, "A metadata value", 0, MaxMetadataValueLength);
                if (value is null)
                {
                    Fail(pointer, "A metadata value must be text.");
                }
            }
        }
    }

    /// <summary>What a key in use holds it may keep, whatever has become of the catalogue; one that is brought back holds nothing yet.</summary>
    private List<string> Scopes(KeyInput input, ApiKey key) =>
        Scopes(input.Scopes, kept: Revives(input, key) ? [] : key.Scopes, key.Type);

    private bool Revives(KeyInput input, ApiKey key) => key.ExpiresAt <= now && !(input.Expiry.Resolve(now, policy) <= now);

    private List<string> Scopes(IReadOnlyList<string> texts, IReadOnlyList<string> kept, KeyType type)
    {
        List<string> scopes = [];
        if (!Count(texts.Count, "/scopes", "scopes", MaxScopes))
        {
            return scopes;
        }

        for (var i = 0; i < texts.Count; i++)
        {
            var pointer = $"/scopes/{i}";
            if (!Scope.TryParse(texts[i], out var scope))
            {
                Fail(pointer, "A scope has the form resource:action in lower case, such as triggers:read or triggers:*.");
                continue;
            }

            var covered = catalogue.Where(c => scope.Covers(Scope.Parse(c.Name))).ToList();
            var isNew = !kept.Contains(scope.Value);
            if (isNew && covered.Count == 0)
            {
                Fail(pointer, $"The scope {scope} is not in your organization's catalogue.");
            }
            else if (isNew && type == KeyType.Publishable && (scope.IsWildcard || covered.Exists(c => !c.Publishable)))
            {
                // A wildcard would take in whatever the catalogue gains later.
                Fail(pointer, $"The scope {scope} is not publishable, and anyone who opens your page can read a publishable key.");
            }
            else if (!scopes.Contains(scope.Value))
            {
                scopes.Add(scope.Value);
            }
        }

        return scopes;
    }

    private List<string> Networks(IReadOnlyList<string> texts)
    {
        List<string> networks = [];
        if (Count(texts.Count, "/allowed_ips", "networks", MaxNetworks))
        {
            for (var i = 0; i < texts.Count; i++)
            {
                if (!AllowedNetwork.TryParse(texts[i], out var network))
                {
                    Fail($"/allowed_ips/{i}", "A network is an address (203.0.113.7) or a block whose host bits are zero (10.0.0.0/8, 2001:db8::/32).");
                }
                else if (!networks.Contains(network.ToString()))
                {
                    networks.Add(network.ToString());
                }
            }
        }

        return networks;
    }

    private List<string> Origins(IReadOnlyList<string> texts, KeyType type)
    {
        List<string> origins = [];
        if (texts.Count > 0 && type != KeyType.Publishable)
        {
            Fail("/allowed_origins", "Only a publishable key has origins: nothing but a browser sends one.");
        }
        else if (Count(texts.Count, "/allowed_origins", "origins", MaxOrigins))
        {
            for (var i = 0; i < texts.Count; i++)
            {
                if (!AllowedOrigin.TryParse(texts[i], out var origin))
                {
                    Fail($"/allowed_origins/{i}", "An origin is a scheme, a host and perhaps a port, without a path: https://app.example.com or https://*.example.com.");
                }
                else if (!origins.Contains(origin.ToString()))
                {
                    origins.Add(origin.ToString());
                }
            }
        }

        return origins;
    }

    /// <summary>A live key says where it is used from, if the policy wants it. One that never did may stay so; one that did goes on.</summary>
    private void PlaceRequired(KeyInput input, ApiKey key)
    {
        var had = key.Type == KeyType.Publishable ? key.AllowedOrigins.Count : key.AllowedIps.Count;
        if (key.Revision == 0 || had > 0 || Revives(input, key))
        {
            PlaceRules.Check(policy, key, input.AllowedIps, input.AllowedOrigins, keeps: !Revives(input, key), Fail);
        }
    }

    private DateTimeOffset? Expiry(KeyInput input, ApiKey key)
    {
        var expiresAt = input.Expiry.Resolve(now, policy);
        if (input.NotBefore is { } notBefore && expiresAt is { } end && notBefore >= end)
        {
            Fail("/not_before", "A key cannot begin after it has expired.");
        }

        var isNew = key.Revision == 0;
        if (!isNew && expiresAt == key.ExpiresAt)
        {
            return expiresAt;
        }

        // What was sent decides where the error is shown; a default that breaks the policy is the policy's own contradiction and shows there too.
        var pointer = input.Expiry.At is not null ? "/expires_at" : "/expires_in";
        if (expiresAt is null && (!policy.NeverExpiresAllowed || policy.MaxLifetimeSeconds is not null))
        {
            Fail(pointer, "Your organization's policy does not allow a key that never expires.");
        }
        else if (expiresAt <= now)
        {
            Fail(pointer, "The expiry must lie in the future.");
        }
        else if (policy.MaxLifetimeSeconds is { } seconds && expiresAt is { } at && (at - key.CreatedAt).TotalSeconds > seconds)
        {
            Fail(pointer, $"Your organization's policy allows a lifetime of {Lifetime(seconds)} at most.");
        }

        return expiresAt;
    }

    private static string Lifetime(long seconds) => seconds switch
    {
        >= 172_800 when seconds % 86_400 == 0 => $"{seconds / 86_400} days",
        >= 7_200 when seconds % 3_600 == 0 => $"{seconds / 3_600} hours",
        _ => $"{seconds} seconds",
    };
}
