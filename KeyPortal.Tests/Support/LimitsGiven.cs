using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Primitives;

namespace KeyPortal.Tests.Support;

/// <summary>Keys with limits, and limits in a few words.</summary>
public static class LimitsGiven
{
    public static RateLimitInput Bucket(long limit, long seconds, int? warn = null, string name = "burst") => new(name, "token_bucket", limit, seconds, warn);

    public static RateLimitInput Window(long limit, long seconds, int? warn = null, string name = "window") => new(name, "fixed_window", limit, seconds, warn);

    public static RateLimitInput Sliding(long limit, long seconds, int? warn = null, string name = "sliding") => new(name, "sliding_window", limit, seconds, warn);

    public static QuotaInput Daily(long limit, string mode = "hard", int? warn = null) => new("day", limit, mode, warn);

    public static QuotaInput Monthly(long limit, string mode = "hard", int? warn = null) => new("month", limit, mode, warn);

    public static Task<IssuedKey> LimitedKeyAsync(this Portal portal, Actor owner, params RateLimitInput[] limits) => portal.LimitedKeyAsync(owner, limits, []);

    public static Task<IssuedKey> LimitedKeyAsync(this Portal portal, Actor owner, RateLimitInput[] limits, QuotaInput[] quotas, params string[] scopes) =>
        portal.KeyAsync(owner, "Limited", with: k => k with { RateLimits = limits, Quotas = quotas, Scopes = scopes });

    /// <summary>Keys that name no tier have these limits from now on; without the command that says so.</summary>
    public static async Task DefaultTierAsync(this Portal portal, string organizationId, params RateLimit[] limits)
    {
        await using var db = portal.OpenDb();
        db.Add(new OrganizationTiers { OrganizationId = organizationId, Tiers = [new LimitTier("usual", "", limits, [])], DefaultTier = "usual" });
        await db.SaveChangesAsync();
    }
}
