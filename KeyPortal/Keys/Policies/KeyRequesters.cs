using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys.Policies;

/// <summary>
/// The members who asked for a key, none of whom is the second person: whoever made it, changed its rules, owns it or has owned it, be it through a key that
/// they could act with. The audit log knows them all; the key's own row only the first and the last.
/// </summary>
internal static class KeyRequesters
{
    private static readonly string[] Making = ["key.created", "key.imported", "key.updated"];

    /// <summary>Whoever rotates a key has its secret from then on, whosever the key is.</summary>
    private static readonly string[] Holding = ["key.revealed", "key.imported"];

    /// <summary>Ids of members, by key.</summary>
    public static async Task<IReadOnlyDictionary<string, HashSet<string>>> OfAsync(KeyPortalDb db, string organizationId, IReadOnlyCollection<string> keyIds, CancellationToken cancellationToken)
    {
        var keys = await db.Set<ApiKey>().AsNoTracking().Where(k => k.OrganizationId == organizationId && keyIds.Contains(k.Id)).Select(k => new { k.Id, k.CreatedBy }).ToListAsync(cancellationToken);
        var hands = (await HandsAsync(db, organizationId, keyIds, Making, cancellationToken)).ToLookup(h => h.KeyId, h => h.ActorId);
        var asking = keys.ToDictionary(k => k.Id, k => hands[k.Id].Append(k.CreatedBy).Append(k.Id).ToHashSet(StringComparer.Ordinal));
        var holders = await HandsOnAsync(db, organizationId, asking.Values.SelectMany(ids => ids), cancellationToken);
        return asking.ToDictionary(a => a.Key, a => Reached(a.Value, holders));
    }

    /// <summary>Ids of the members who could be the one who acts: the actor's own, and of a key all who own or owned it or were told a secret of it.</summary>
    public static async Task<HashSet<string>> BehindAsync(KeyPortalDb db, Actor actor, CancellationToken cancellationToken) =>
        Reached([actor.Id, actor.MemberId], await HandsOnAsync(db, actor.OrganizationId, actor.Type == ActorType.ApiKey ? [actor.Id] : [], cancellationToken));

    /// <summary>From each of <paramref name="ids"/> through keys to whoever holds them.</summary>
    private static HashSet<string> Reached(IEnumerable<string> ids, Dictionary<string, HashSet<string>> holders)
    {
        HashSet<string> reached = new(StringComparer.Ordinal);
        Queue<string> next = new(ids);
        while (next.TryDequeue(out var id))
        {
            if (reached.Add(id))
            {
                foreach (var holder in holders.GetValueOrDefault(id) ?? [])
                {
                    next.Enqueue(holder);
                }
            }
        }

        return reached;
    }

    /// <summary>Who holds or held each key, and each key that one of those is.</summary>
    private static async Task<Dictionary<string, HashSet<string>>> HandsOnAsync(KeyPortalDb db, string organizationId, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        Dictionary<string, HashSet<string>> holders = new(StringComparer.Ordinal);
        for (var asked = KeysAmong(ids, holders); asked.Count > 0;)
        {
            var found = await OwnersEverAsync(db, organizationId, asked, cancellationToken);
            found.AddRange(await HandsAsync(db, organizationId, asked, Holding, cancellationToken));
            var byKey = found.ToLookup(h => h.KeyId, h => h.ActorId);
            foreach (var id in asked)
            {
                holders[id] = byKey[id].ToHashSet(StringComparer.Ordinal);
            }

            asked = KeysAmong(found.Select(h => h.ActorId), holders);
        }

        return holders;
    }

    private static List<string> KeysAmong(IEnumerable<string> ids, Dictionary<string, HashSet<string>> known) =>
        [.. ids.Where(id => id.StartsWith(EntityId.Key + "_", StringComparison.Ordinal) && !known.ContainsKey(id)).Distinct(StringComparer.Ordinal)];

    /// <summary>Who did one of <paramref name="actions"/> to each key: members and keys.</summary>
    private static async Task<List<(string KeyId, string ActorId)>> HandsAsync(KeyPortalDb db, string organizationId, IReadOnlyCollection<string> keyIds, string[] actions, CancellationToken cancellationToken) =>
        [.. (await db.Set<AuditEntry>().Where(e => e.OrganizationId == organizationId && keyIds.Contains(e.TargetId) && actions.Contains(e.Action) && e.Outcome == AuditOutcome.Succeeded)
            .Select(e => new { e.TargetId, e.ActorId }).Distinct().ToListAsync(cancellationToken)).Select(e => (e.TargetId, e.ActorId))];

    /// <summary>Who owns each key now, and who did before it was handed on: they may still have its secret.</summary>
    private static async Task<List<(string KeyId, string ActorId)>> OwnersEverAsync(KeyPortalDb db, string organizationId, IReadOnlyCollection<string> keyIds, CancellationToken cancellationToken)
    {
        var now = await db.Set<ApiKey>().Where(k => k.OrganizationId == organizationId && keyIds.Contains(k.Id)).Select(k => new { k.Id, k.OwnerId }).ToListAsync(cancellationToken);
        var handedOn = await db.Set<AuditEntry>().Where(e => e.OrganizationId == organizationId && keyIds.Contains(e.TargetId) && e.Action == "key.transferred" && e.Outcome == AuditOutcome.Succeeded)
            .Select(e => new { e.TargetId, e.Bytes }).ToListAsync(cancellationToken);
        return [.. now.Select(k => (k.Id, k.OwnerId)), .. handedOn.Select(e => (e.TargetId, JsonNode.Parse(e.Bytes)!["details"]!["before"]!["owner_id"]!.GetValue<string>()))];
    }
}
