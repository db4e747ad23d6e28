using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys.Policies;

/// <summary>How many keys, neither revoked nor expired, hold one scope.</summary>
/// <param name="Explicit">Those that name it: it cannot leave the catalogue while there are any.</param>
/// <param name="Publishable">Those of them that are publishable.</param>
/// <param name="ByWildcard">Those that hold it through a wildcard only.</param>
public sealed record ScopeHolding(int Explicit, int Publishable, int ByWildcard)
{
    public static readonly ScopeHolding None = new(0, 0, 0);
}

/// <summary>Counts the keys that hold each scope of a catalogue.</summary>
public sealed class ScopeHolders(IDbContextFactory<KeyPortalDb> contexts, PermissionGate gate, TimeProvider clock)
{
    /// <summary>By scope, among the keys that the actor may see; scopes that no key holds are absent.</summary>
    [Needs(Act.ReadKeys)]
    public async Task<Outcome<IReadOnlyDictionary<string, ScopeHolding>>> CountAsync(Actor actor, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ReadKeys, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var db = contexts.CreateDbContext();
        var names = await db.Set<CatalogueScope>().Where(s => s.OrganizationId == actor.OrganizationId).Select(s => s.Name).ToListAsync(cancellationToken);
        return await OfAsync(db, actor.OrganizationId, names, clock.Now(), actor.ReachOf(Act.ReadKeys) == Reach.All ? null : actor.MemberId, cancellationToken);
    }

    /// <summary>The same for <paramref name="names"/>, among all keys or those of one owner: counted in one pass, whatever the number of scopes.</summary>
    internal static async Task<Dictionary<string, ScopeHolding>> OfAsync(
        KeyPortalDb db, string organizationId, IReadOnlyCollection<string> names, DateTimeOffset now, string? ownerId, CancellationToken cancellationToken)
    {
        var groups = await KeyMatching.Living(db, organizationId, ownerId, now)
            .GroupBy(k => new { k.Scopes, k.Type }).Select(g => new { g.Key.Scopes, g.Key.Type, Count = g.Count() }).ToListAsync(cancellationToken);
        var byResource = names.Select(Scope.Parse).ToLookup(s => s.Resource);
        var known = names.ToHashSet(StringComparer.Ordinal);
        Dictionary<string, ScopeHolding> holdings = [];
        foreach (var group in groups)
        {
            foreach (var name in group.Scopes.Where(known.Contains))
            {
                var holding = holdings.GetValueOrDefault(name, ScopeHolding.None);
                holdings[name] = holding with { Explicit = holding.Explicit + group.Count, Publishable = holding.Publishable + (group.Type == KeyType.Publishable ? group.Count : 0) };
            }

            foreach (var covered in group.Scopes.Select(Scope.Parse).Where(s => s.IsWildcard).SelectMany(s => byResource[s.Resource]).Where(s => !group.Scopes.Contains(s.Value)))
            {
                var holding = holdings.GetValueOrDefault(covered.Value, ScopeHolding.None);
                holdings[covered.Value] = holding with { ByWildcard = holding.ByWildcard + group.Count };
            }
        }

        return holdings;
    }
}
