using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys.Policies;

/// <summary>
/// The members who asked for a key, none of whom is the second person: whoever made it, changed its rules, owns it or has owned it, be it through a key of
/// theirs. The audit log knows them all; the key's own row only the first and the last.
/// </summary>
internal static class KeyRequesters
{
    private static readonly string[] Making = ["key.created", "key.imported", "key.updated"];
    private static readonly string FromKey = SnakeCase.Of(ActorType.ApiKey);

    /// <summary>Ids of members, by key.</summary>
    public static async Task<IReadOnlyDictionary<string, HashSet<string>>> OfAsync(KeyPortalDb db, string organizationId, IReadOnlyCollection<string> keyIds, CancellationToken cancellationToken)
    {
        var keys = await db.Set<ApiKey>().AsNoTracking().Where(k => k.OrganizationId == organizationId && keyIds.Contains(k.Id)).Select(k => new { k.Id, k.CreatedBy }).ToListAsync(cancellationToken);
        var hands = await db.Set<AuditEntry>().Where(e => e.OrganizationId == organizationId && keyIds.Contains(e.TargetId) && Making.Contains(e.Action) && e.Outcome == AuditOutcome.Succeeded)
            .Select(e => new { KeyId = e.TargetId, e.ActorId, e.ActorType }).Distinct().ToListAsync(cancellationToken);
        var makers = keys.Select(k => k.CreatedBy).Concat(hands.Where(h => h.ActorType == FromKey).Select(h => h.ActorId));
        var owners = await OwnersEverAsync(db, organizationId, [.. keyIds.Concat(makers).Distinct()], cancellationToken);
        return keys.ToDictionary(k => k.Id, k => hands.Where(h => h.KeyId == k.Id).Select(h => h.ActorId).Append(k.CreatedBy).Append(k.Id)
            .SelectMany(id => owners[id].Append(id)).ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>Who owns each key now, and who did before it was handed on: they may still have its secret.</summary>
    private static async Task<ILookup<string, string>> OwnersEverAsync(KeyPortalDb db, string organizationId, IReadOnlyCollection<string> keyIds, CancellationToken cancellationToken)
    {
        var now = await db.Set<ApiKey>().Where(k => k.OrganizationId == organizationId && keyIds.Contains(k.Id)).Select(k => new { k.Id, k.OwnerId }).ToListAsync(cancellationToken);
        var handedOn = await db.Set<AuditEntry>().Where(e => e.OrganizationId == organizationId && keyIds.Contains(e.TargetId) && e.Action == "key.transferred" && e.Outcome == AuditOutcome.Succeeded)
            .Select(e => new { e.TargetId, e.Bytes }).ToListAsync(cancellationToken);
        return now.Select(k => (k.Id, k.OwnerId))
            .Concat(handedOn.Select(e => (e.TargetId, JsonNode.Parse(e.Bytes)!["details"]!["before"]!["owner_id"]!.GetValue<string>())))
            .ToLookup(k => k.Item1, k => k.Item2);
    }
}
