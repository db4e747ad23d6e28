using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys.Bulk;

/// <summary>Changes many keys inside one transaction; each key has its own entry, and all of them leave the cache together.</summary>
internal static class KeyBatch
{
    /// <summary>How many were changed. <paramref name="change"/> answers null for a key it leaves alone.</summary>
    public static async Task<int> ChangeAsync(WriteTransaction write, Actor actor, IQueryable<ApiKey> which, Func<ApiKey, AuditRecord?> change, CancellationToken cancellationToken)
    {
        var keys = await which.Where(k => k.OrganizationId == actor.OrganizationId).OrderBy(k => k.Id).ToListAsync(cancellationToken);
        var hashes = await (from key in which
                            where key.OrganizationId == actor.OrganizationId
                            join secret in write.Set<KeySecret>() on key.Id equals secret.KeyId
                            where secret.LookupHash != null
                            select secret.LookupHash!).ToListAsync(cancellationToken);
        write.Announce(new SecretsChanged([.. hashes.Select(h => LookupHash.From(h))]));
        var changed = 0;
        foreach (var key in keys)
        {
            if (change(key) is { } record)
            {
                key.Revision++;
                changed++;
                await AuditLog.AppendAsync(write, actor, record, cancellationToken);
            }
        }

        return changed;
    }
}
