using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Validation;

/// <summary>One limit that holds for a key, and where it stands now.</summary>
/// <param name="Name">The rate limit's name, or <see cref="Limits.Quota.Name"/>.</param>
/// <param name="From">The tier it is taken from; null where it is the key's own.</param>
/// <param name="IsDefault">Holds because the key names no tier and its organization has this default.</param>
public sealed record LimitReadingItem(string Name, RateLimit? RateLimit, Quota? Quota, string? From, bool IsDefault, LimitStanding Standing);

/// <summary>Reads where a key's limits stand, spending nothing; for people who watch.</summary>
public sealed class LimitReading(IDbContextFactory<KeyPortalDb> contexts, PermissionGate gate, KeyLimiter limiter, TimeProvider clock)
{
    /// <summary>Every limit that holds for the key, its own first. Refuses: not allowed, no such key.</summary>
    /// <exception cref="StorageUnavailableException">The database does not answer.</exception>
    [Needs(Act.ReadKeys)]
    public async Task<Outcome<IReadOnlyList<LimitReadingItem>>> ReadAsync(Actor actor, string keyId, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ReadKeys, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        try
        {
            return await ReadVisibleAsync(actor, keyId, cancellationToken);
        }
        catch (Exception e) when (StorageUnavailableException.From(e) is { } outage)
        {
            throw outage;
        }
    }

    private async Task<Outcome<IReadOnlyList<LimitReadingItem>>> ReadVisibleAsync(Actor actor, string keyId, CancellationToken cancellationToken)
    {
        var number = KeyReader.NextReadNumber();
        await using var db = contexts.CreateDbContext();
        var key = await KeyMatching.Visible(db, actor).AsNoTracking().SingleOrDefaultAsync(k => k.Id == keyId, cancellationToken);
        if (key is null)
        {
            return Refusal.NotFound("key");
        }

        var tiers = await TierLists.OfAsync(db, key.OrganizationId, cancellationToken);
        var (tier, standard) = (tiers.Find(key.Tier), tiers.Find(tiers.DefaultTier));
        var limits = KeyLimits.Of(key.RateLimits, key.Quotas, tier, standard);
        var call = new LimitedCall(key.OrganizationId, new LimitedKey(CounterId.Of(key.Id), key.Id, limits, number), 1, null, clock.GetUtcNow());
        return await limiter.PeekAsync(call, cancellationToken) is { } report ? Items(report, key, tier ?? standard, isDefault: tier is null) : Array.Empty<LimitReadingItem>();
    }

    private static LimitReadingItem[] Items(LimitReport report, ApiKey key, LimitTier? tier, bool isDefault)
    {
        var items = new LimitReadingItem[report.Standings.Length];
        for (var i = 0; i < items.Length; i++)
        {
            var (rate, quota) = i < report.RateLimits ? (report.Limits.RateLimits[i], (Quota?)null) : (null, report.QuotaOf(i));
            var own = rate is not null ? key.RateLimits.Any(l => l.Name == rate.Name) : key.Quotas.Any(q => q.Period == quota!.Period);
            items[i] = new LimitReadingItem(report.NameOf(i), rate, quota, own ? null : tier?.Name, !own && isDefault, report.Standings[i]);
        }

        return items;
    }
}
