using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys.Policies;

/// <summary>How many keys, neither revoked nor expired, name each tier, and how many name none and follow the default.</summary>
public sealed record TierHolding(IReadOnlyDictionary<string, int> ByTier, int WithoutTier)
{
    public int Of(string tier) => ByTier.GetValueOrDefault(tier);
}

/// <summary>Counts the keys that take from each tier.</summary>
public sealed class TierHolders(IDbContextFactory<KeyPortalDb> contexts, PermissionGate gate, TimeProvider clock)
{
    /// <summary>Among the keys that the actor may see.</summary>
    [Needs(Act.ReadKeys)]
    public async Task<Outcome<TierHolding>> CountAsync(Actor actor, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ReadKeys, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var db = contexts.CreateDbContext();
        return await OfAsync(db, actor.OrganizationId, clock.Now(), actor.ReachOf(Act.ReadKeys) == Reach.All ? null : actor.MemberId, cancellationToken);
    }

    /// <summary>The same among all keys, or those of one owner.</summary>
    internal static async Task<TierHolding> OfAsync(KeyPortalDb db, string organizationId, DateTimeOffset now, string? ownerId, CancellationToken cancellationToken)
    {
        var counts = await KeyMatching.Living(db, organizationId, ownerId, now)
            .GroupBy(k => k.Tier).Select(g => new { Tier = g.Key, Count = g.Count() }).ToListAsync(cancellationToken);
        return new TierHolding(counts.Where(c => c.Tier is not null).ToDictionary(c => c.Tier!, c => c.Count), counts.SingleOrDefault(c => c.Tier is null)?.Count ?? 0);
    }
}
