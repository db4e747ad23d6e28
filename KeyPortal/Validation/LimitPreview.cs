using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Usage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Validation;

/// <summary>Limits for a key that are not saved yet.</summary>
public sealed record WantedLimits(IReadOnlyList<RateLimitInput> RateLimits, IReadOnlyList<QuotaInput> Quotas, string? Tier);

/// <summary>How close a busy key has come to its limits.</summary>
/// <param name="Calls">Its calls that wanted to pass.</param>
/// <param name="Limited">How many of them limits refused.</param>
/// <param name="Tightest">The limit it came closest to: a rate limit's name or <see cref="Quota.Name"/>; null where it has none.</param>
/// <param name="PeakPercent">How much of that limit was used at the peak at least.</param>
public sealed record KeyHeadroom(string KeyId, string KeyName, long Calls, long Limited, string? Tightest, int PeakPercent)
{
    private const int Whole = 100;

    /// <summary>What was never used, in percent.</summary>
    public int HeadroomPercent => Math.Max(0, Whole - PeakPercent);
}

/// <summary>Tells what limits would have refused in the last days, and how close busy keys have come to theirs. See <see cref="LimitSimulation"/> for how well that is known.</summary>
public sealed class LimitPreview(DemandQueries demand, IDbContextFactory<KeyPortalDb> contexts)
{
    /// <summary>What these limits would have done to the key's calls of the last seven days. Refuses as <see cref="DemandQueries"/> does, and limits that break a rule.</summary>
    [Needs(Act.ReadUsage)]
    public async Task<Outcome<SimulatedUse>> PreviewAsync(Actor actor, string keyId, WantedLimits wanted, CancellationToken cancellationToken = default)
    {
        if (!(await demand.OfKeyAsync(actor, keyId, DemandQueries.Longest, cancellationToken)).Succeeded(out var series, out var refusal))
        {
            return refusal;
        }

        List<FieldError> errors = [];
        void Fail(string pointer, string detail) => errors.Add(new FieldError(pointer, detail));
        var (rates, quotas) = (LimitRules.RateLimits(wanted.RateLimits, Fail), LimitRules.Quotas(wanted.Quotas, Fail));
        await using var db = contexts.CreateDbContext();
        var tiers = await TierLists.OfAsync(db, actor.OrganizationId, cancellationToken);
        if (wanted.Tier is { } name && tiers.Find(name) is null)
        {
            Fail("/tier", "Your organization has no tier of this name.");
        }

        return errors.Count > 0
            ? Refusal.Invalid(errors)
            : LimitSimulation.Run(KeyLimits.Of(rates, quotas, tiers.Find(wanted.Tier), tiers.Find(tiers.DefaultTier)), series.Minutes.Select(m => (m.At, m.Calls)));
    }

    /// <summary>The keys that asked most in the last 24 hours, the busiest first, and how close each came to its limits of now.</summary>
    [Needs(Act.ReadUsage)]
    public async Task<Outcome<IReadOnlyList<KeyHeadroom>>> BusiestAsync(Actor actor, int top, CancellationToken cancellationToken = default)
    {
        if (!(await demand.BusiestAsync(actor, TimeSpan.FromDays(1), top, cancellationToken)).Succeeded(out var busiest, out var refusal))
        {
            return refusal;
        }

        await using var db = contexts.CreateDbContext();
        var tiers = await TierLists.OfAsync(db, actor.OrganizationId, cancellationToken);
        var ids = busiest.Select(b => b.KeyId).ToList();
        var keys = await db.Set<ApiKey>().AsNoTracking().Where(k => ids.Contains(k.Id) && k.OrganizationId == actor.OrganizationId).ToDictionaryAsync(k => k.Id, cancellationToken);
        return busiest.Where(b => keys.ContainsKey(b.KeyId)).Select(b => Headroom(b, keys[b.KeyId], tiers)).ToList();
    }

    private static KeyHeadroom Headroom(KeyDemandSeries series, ApiKey key, TierList tiers)
    {
        var limits = KeyLimits.Of(key.RateLimits, key.Quotas, tiers.Find(key.Tier), tiers.Find(tiers.DefaultTier));
        var peaks = LimitSimulation.Run(limits, series.Minutes.Select(m => (m.At, m.Calls))).Peaks;
        var tightest = peaks.Index().OrderByDescending(p => p.Item).Select(p => (int?)p.Index).FirstOrDefault();
        return new KeyHeadroom(key.Id, key.Name, series.Calls, series.Limited, tightest is { } index ? limits.NameOf(index) : null, tightest is { } i ? peaks[i] : 0);
    }
}
