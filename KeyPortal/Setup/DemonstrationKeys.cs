using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;

namespace KeyPortal.Setup;

/// <summary>When in a day and a week a key is called.</summary>
internal enum Rhythm
{
    /// <summary>Servers: office hours stand out, weekends are calm.</summary>
    Office,

    /// <summary>Shoppers: evenings and weekends.</summary>
    Evening,

    /// <summary>A job from two to four in the morning, UTC.</summary>
    Night,

    /// <summary>A job on Monday mornings.</summary>
    Monday,
}

/// <summary>A key of the demonstration: how it was made and how it is called. <see cref="Until"/> ends the good calls.</summary>
internal sealed record DemonstrationKey(string Owner, DateTimeOffset CreatedAt, KeyInput Input)
{
    public KeyType Type { get; init; }

    public KeyEnvironment Environment { get; init; } = KeyEnvironment.Live;

    public int CallsPerDay { get; init; }

    public Rhythm Rhythm { get; init; }

    /// <summary>Where it is called from; null for a key that never was.</summary>
    public string? Ip { get; init; }

    public DateTimeOffset? Until { get; init; }

    /// <summary>When it got a new secret, which most calls have come with since.</summary>
    public DateTimeOffset? RotatedAt { get; init; }

    /// <summary>A share of the calls that is always refused, such as a client that asks for too much.</summary>
    public (ValidationCode Code, double Share) Refused { get; init; }

    /// <summary>Set when it is made.</summary>
    public string Id { get; set; } = "";

    public string Name => Input.Name;

    /// <summary>What its callers ask for: each of its scopes, for a wildcard reading.</summary>
    public IReadOnlyList<ScopeExpression> Demands { get; } = [.. Input.Scopes.Select(text => ScopeExpression.All([Scope.Parse(text.Replace("*", "read", StringComparison.Ordinal))]))];

    /// <summary>The machine beside the one it is mostly called from.</summary>
    public string? OtherIp => Ip?[..(Ip.LastIndexOf('.') + 1)] + "200";
}

internal static class DemonstrationKeys
{
    public const string Alice = "Alice Keller";
    public const string Marco = "Marco Rossi";
    public const string Jo = "Jo Lind";

    public const string Webhooks = "Production webhook server";
    public const string Checkout = "Checkout frontend";
    public const string Reporting = "Reporting export";
    public const string Invoices = "Invoice service";
    public const string Partner = "Old partner feed";
    public const string Mobile = "Mobile app";
    public const string Leaked = "Leaked in a notebook";
    public const string Sandbox = "Analytics sandbox";
    public const string Fraud = "Fraud scoring";
    public const string Gateway = "API gateway";
    public const string Staging = "Staging smoke tests";
    public const string Drill = "Disaster recovery drill";

    public static DateTimeOffset Day(DateTimeOffset now, int day, int hour, int minute) =>
        new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(day).AddHours(hour).AddMinutes(minute);

    public static IReadOnlyList<DemonstrationKey> For(DateTimeOffset now)
    {
        DateTimeOffset At(int day, int hour, int minute) => Day(now, day, hour, minute);
        static KeyInput Never(string name, string description, params string[] scopes) =>
            new() { Name = name, Description = description, Scopes = scopes, Expiry = ExpiryInput.In(ExpiryChoice.Never) };
        KeyInput Ends(TimeSpan inTime, string name, string description, params string[] scopes) =>
            Never(name, description, scopes) with { Expiry = ExpiryInput.On(now + inTime) };

        return
        [
            new(Alice, At(-205, 9, 12), Never(Gateway, "Asks KeyPortal about the keys that clients present", "api-keys:validate") with { AllowedIps = ["198.51.100.0/24"], Tags = ["infrastructure"] })
            { Ip = "198.51.100.4" },
            new(Alice, At(-203, 10, 41), Never(Checkout, "The shop's pages in customers' browsers", "events:read") with { AllowedOrigins = ["https://checkout.acme.example", "https://*.acme.example"], Tags = ["shop"] })
            { Type = KeyType.Publishable, CallsPerDay = 61_000, Rhythm = Rhythm.Evening, Ip = "192.0.2.77", Refused = (ValidationCode.OriginNotAllowed, 0.006) },
            new(Jo, At(-188, 13, 5), Never(Partner, "Event feed for the partner we left in spring", "events:read"))
            { Until = At(-64, 15, 22), Ip = "203.0.113.24" },
            new(Alice, At(-119, 9, 30), Ends(TimeSpan.FromHours((61 * 24) + 5), Webhooks, "Delivers webhooks to customers", "triggers:read", "triggers:write") with { Tags = ["infrastructure"], RateLimits = [new("requests", "sliding_window", 600, 60, 80)] })
            { CallsPerDay = 118_000, Rhythm = Rhythm.Office, Ip = "198.51.100.17", Refused = (ValidationCode.InsufficientScope, 0.002) },
            new(Marco, At(-112, 14, 20), Never(Leaked, "Quick look at triggers from a notebook", "triggers:read"))
            { CallsPerDay = 900, Rhythm = Rhythm.Office, Ip = "203.0.113.90", Until = At(-3, 11, 20) },
            new(Jo, At(-96, 11, 48), Never(Reporting, "Monday's figures for finance", "organizations:read", "events:read") with { Tags = ["finance"], Tier = "standard", RotationAgeSeconds = 90 * 86_400 })
            { CallsPerDay = 5_000, Rhythm = Rhythm.Monday, Ip = "198.51.100.33" },
            new(Marco, At(-87, 16, 2), Ends(TimeSpan.FromHours((3 * 24) + 4), "Nightly reconciliation", "Compares the ledger with the bank's statement", "organizations:read") with { AllowedIps = ["10.20.0.0/16"], Tags = ["finance"] })
            { CallsPerDay = 8_400, Rhythm = Rhythm.Night, Ip = "10.20.3.8" },
            new(Jo, At(-76, 8, 57), Ends(TimeSpan.FromHours((14 * 24) + 6), Staging, "Runs after each deployment to staging", "triggers:*") with { RateLimits = [new("deploy", "fixed_window", 20, 60, 80)] })
            { Environment = KeyEnvironment.Test, CallsPerDay = 2_100, Rhythm = Rhythm.Office, Ip = "203.0.113.24", Refused = (ValidationCode.EnvironmentMismatch, 0.01), RotatedAt = now.AddHours(-17) },
            new(Marco, At(-58, 10, 15), Never(Invoices, "Writes invoices when events arrive", "events:read") with { AllowedIps = ["198.51.100.0/24"], Tags = ["finance"], Tier = "standard", Quotas = [new("day", 25_000, "hard", 80)], RotationAgeSeconds = 90 * 86_400 })
            { CallsPerDay = 14_500, Rhythm = Rhythm.Office, Ip = "198.51.100.52" },
            new(Jo, At(-42, 15, 36), Ends(TimeSpan.FromHours(-12 * 24), Sandbox, "Trying the new dashboards", "events:read") with { Tier = "free" })
            { Environment = KeyEnvironment.Test, CallsPerDay = 1_600, Rhythm = Rhythm.Office, Ip = "203.0.113.41", Until = now.AddDays(-12) },
            new(Marco, At(-40, 9, 3), Ends(TimeSpan.FromHours((50 * 24) + 2), Drill, "For the second site; in a sealed envelope", "organizations:read", "triggers:read")),
            new(Alice, At(-33, 12, 27), Never(Mobile, "Both app stores", "triggers:read") with { Tags = ["shop"], RateLimits = [new("requests", "fixed_window", 120, 60, 80)] })
            { Type = KeyType.Publishable, CallsPerDay = 47_000, Rhythm = Rhythm.Evening, Ip = "192.0.2.140" },
            new(Marco, At(-4, 10, 50), Ends(TimeSpan.FromHours((86 * 24) + 3), Fraud, "Scores payments before they are taken", "events:read") with { AllowedIps = ["10.30.0.0/16"], RateLimits = [new("scores", "sliding_window", 60, 60, 80)] })
            { CallsPerDay = 19_000, Rhythm = Rhythm.Evening, Ip = "10.30.1.12" },
        ];
    }
}
