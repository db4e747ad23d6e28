using System.ComponentModel.DataAnnotations;

namespace KeyPortal.Organizations;

/// <summary>How long a key lives when its maker names no expiry, and what a maker may choose from.</summary>
public enum ExpiryChoice
{
    Never,
    Days30,
    Days90,
    Year1,
}

/// <summary>What an organization demands of its keys.</summary>
public sealed class OrganizationPolicy
{
    /// <summary>The longest span a policy can name: a hundred years, in seconds.</summary>
    public const long MaxSeconds = 3_155_760_000;

    public const int MaxKeysPerMember = 1_000_000;

    /// <summary>The expiry of a key whose maker names none.</summary>
    public ExpiryChoice DefaultExpiry { get; set; } = ExpiryChoice.Days90;

    /// <summary>May a key live for ever? Not where <see cref="MaxLifetimeSeconds"/> is set either.</summary>
    public bool NeverExpiresAllowed { get; set; } = true;

    /// <summary>The longest time from creation to expiry, in seconds; null for no bound.</summary>
    public long? MaxLifetimeSeconds { get; set; }

    /// <summary>How many keys that are neither revoked nor expired one member may own.</summary>
    public int KeysPerMember { get; set; } = 10;

    /// <summary>How long the old secret lives on after a rotation that names no grace period, in seconds.</summary>
    public long DefaultGracePeriodSeconds { get; set; } = 86_400;

    /// <summary>How old a secret should get before it is rotated, in seconds; null for no such wish.</summary>
    public long? RotationAgeSeconds { get; set; }

    /// <summary>Must a live key name the networks it is used from?</summary>
    public bool NetworksRequiredForLive { get; set; }

    /// <summary>Scopes that a live key may hold only with a second person's approval.</summary>
    public IReadOnlyList<string> ApprovalScopes { get; set; } = [];

    /// <summary>Do only owners and admins set the limits of keys? Everybody else's keys then take the organization's default tier.</summary>
    public bool LimitsByAdmins { get; set; }
}

/// <summary>What a new organization's policy starts from: settings <c>KeyPortal:Policy:*</c>, such as <c>KeyPortal__Policy__KeysPerMember=25</c>.</summary>
public sealed class PolicySettings
{
    public const string Section = "KeyPortal:Policy";

    /// <summary><c>never</c>, <c>30d</c>, <c>90d</c> or <c>1y</c>.</summary>
    [RegularExpression("never|30d|90d|1y", ErrorMessage = "KeyPortal:Policy:DefaultExpiresIn must be never, 30d, 90d or 1y.")]
    public string DefaultExpiresIn { get; set; } = "90d";

    public bool NeverExpiresAllowed { get; set; } = true;

    [Range(1, OrganizationPolicy.MaxSeconds, ErrorMessage = "KeyPortal:Policy:MaxLifetimeSeconds must be from 1 to 3,155,760,000 (100 years).")]
    public long? MaxLifetimeSeconds { get; set; }

    [Range(1, OrganizationPolicy.MaxKeysPerMember, ErrorMessage = "KeyPortal:Policy:KeysPerMember must be from 1 to 1,000,000.")]
    public int KeysPerMember { get; set; } = 10;

    [Range(0, MaxGracePeriodSeconds, ErrorMessage = "KeyPortal:Policy:DefaultGracePeriodSeconds must be from 0 to 2,592,000 (30 days).")]
    public long DefaultGracePeriodSeconds { get; set; } = 86_400;

    [Range(1, OrganizationPolicy.MaxSeconds, ErrorMessage = "KeyPortal:Policy:RotationAgeSeconds must be from 1 to 3,155,760,000 (100 years).")]
    public long? RotationAgeSeconds { get; set; }

    public bool NetworksRequiredForLive { get; set; }

    /// <summary>Scopes of the catalogue, such as <c>KeyPortal__Policy__ApprovalScopes__0=triggers:write</c>.</summary>
    public string[] ApprovalScopes { get; set; } = [];

    public bool LimitsByAdmins { get; set; }

    /// <summary>Thirty days.</summary>
    public const long MaxGracePeriodSeconds = 2_592_000;

    public OrganizationPolicy ToPolicy() => new()
    {
        DefaultExpiry = ExpiryChoices.Parse(DefaultExpiresIn),
        NeverExpiresAllowed = NeverExpiresAllowed,
        MaxLifetimeSeconds = MaxLifetimeSeconds,
        KeysPerMember = KeysPerMember,
        DefaultGracePeriodSeconds = DefaultGracePeriodSeconds,
        RotationAgeSeconds = RotationAgeSeconds,
        NetworksRequiredForLive = NetworksRequiredForLive,
        ApprovalScopes = ApprovalScopes,
        LimitsByAdmins = LimitsByAdmins,
    };
}

/// <summary>The wire names of <see cref="ExpiryChoice"/> and what they mean on the calendar.</summary>
public static class ExpiryChoices
{
    public static string WireName(this ExpiryChoice choice) => choice switch
    {
        ExpiryChoice.Never => "never",
        ExpiryChoice.Days30 => "30d",
        ExpiryChoice.Days90 => "90d",
        _ => "1y",
    };

    public static bool TryParse(string? text, out ExpiryChoice choice)
    {
        (var known, choice) = text switch
        {
            "never" => (true, ExpiryChoice.Never),
            "30d" => (true, ExpiryChoice.Days30),
            "90d" => (true, ExpiryChoice.Days90),
            "1y" => (true, ExpiryChoice.Year1),
            _ => (false, default),
        };
        return known;
    }

    public static ExpiryChoice Parse(string text) => TryParse(text, out var choice) ? choice : throw new FormatException($"'{text}' is not never, 30d, 90d or 1y.");

    /// <summary>The instant this choice means for a key created at <paramref name="now"/>; null for never. A year is a calendar year.</summary>
    public static DateTimeOffset? From(this ExpiryChoice choice, DateTimeOffset now) => choice switch
    {
        ExpiryChoice.Days30 => now.AddDays(30),
        ExpiryChoice.Days90 => now.AddDays(90),
        ExpiryChoice.Year1 => now.AddYears(1),
        _ => null,
    };

    /// <summary>The most seconds this choice can come to, whenever a key is created: a year may have 366 days. Null for never.</summary>
    public static long? LongestSeconds(this ExpiryChoice choice) => choice switch
    {
        ExpiryChoice.Days30 => 30 * 86_400,
        ExpiryChoice.Days90 => 90 * 86_400,
        ExpiryChoice.Year1 => 366 * 86_400,
        _ => null,
    };
}
