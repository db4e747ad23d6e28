using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>Which secrets have come to their age.</summary>
public sealed class RotationQueries(IDbContextFactory<KeyPortalDb> contexts, KeyQueries keys, PermissionGate gate, TimeProvider clock)
{
    /// <summary>The active keys within the actor's reach whose secrets should be rotated by <paramref name="at"/>, the most overdue first, <paramref name="top"/> at most.</summary>
    [Needs(Act.ReadKeys)]
    public async Task<Outcome<IReadOnlyList<KeyView>>> DueByAsync(Actor actor, DateTimeOffset at, int top, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ReadKeys, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        List<ApiKey> due = [];
        await using (var db = contexts.CreateDbContext())
        {
            var policyAge = await RotationAge.OfPolicyAsync(db, actor.OrganizationId, cancellationToken);
            foreach (var old in await RotationAge.DueByAsync(KeyMatching.Active(db, actor, clock.Now()), policyAge, at, cancellationToken))
            {
                due.AddRange(await old.AsNoTracking().OrderBy(k => k.RotatedAt ?? k.CreatedAt).ThenBy(k => k.Id).Take(top).ToListAsync(cancellationToken));
            }

            due = [.. due.OrderBy(k => k.RotationDueAt(policyAge)).ThenBy(k => k.Id, StringComparer.Ordinal).Take(top)];
        }

        var views = (await keys.FindManyAsync(actor, due.ConvertAll(k => k.Id), cancellationToken)).ToDictionary(k => k.Id);
        return due.Where(k => views.ContainsKey(k.Id)).Select(k => views[k.Id]).ToList();
    }
}
