using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>
/// What becomes of all keys of a member at once, inside the transaction of the act that calls for it; each key has its own entry. Revoked keys stay as they
/// are, for the record.
/// </summary>
internal static class OwnersKeys
{
    public static Task<int> RevokeAsync(WriteTransaction write, Actor actor, string ownerId, RevocationReason reason, CancellationToken cancellationToken) =>
        ChangeAsync(write, actor, ownerId, key => KeyRevocation.Revoke(key, write.Now, actor.Id, reason), cancellationToken);

    /// <summary>Lets no key live past <paramref name="end"/>; those that end earlier anyway are left alone.</summary>
    public static Task<int> RetireAsync(WriteTransaction write, Actor actor, string ownerId, DateTimeOffset end, CancellationToken cancellationToken) =>
        ChangeAsync(write, actor, ownerId,
            key => key.ExpiresAt <= end || key.RevokedAt <= end ? null : KeyRevocation.Retire(key, end, actor.Id, RevocationReason.AffiliationChanged), cancellationToken);

    /// <summary>Gives the keys another owner, whose role they act with from now on. The policy's bound on keys a member is for making keys, not for inheriting them.</summary>
    public static Task<int> TransferAsync(WriteTransaction write, Actor actor, string ownerId, Member to, CancellationToken cancellationToken) =>
        ChangeAsync(write, actor, ownerId, key =>
        {
            key.OwnerId = to.UserId;
            return new AuditRecord("key.transferred", AuditTarget.Key(key.Id, key.Name))
            {
                Details = AuditRecord.Change([("owner_id", ownerId, to.UserId)]),
            };
        }, cancellationToken);

    private static async Task<int> ChangeAsync(WriteTransaction write, Actor actor, string ownerId, Func<ApiKey, AuditRecord?> change, CancellationToken cancellationToken)
    {
        var keys = await write.Set<ApiKey>().Where(k => k.OrganizationId == actor.OrganizationId && k.OwnerId == ownerId && (k.RevokedAt == null || k.RevokedAt > write.Now)).OrderBy(k => k.Id).ToListAsync(cancellationToken);
        var hashes = await (from secret in write.Set<KeySecret>()
                            join key in write.Set<ApiKey>() on secret.KeyId equals key.Id
                            where key.OrganizationId == actor.OrganizationId && key.OwnerId == ownerId && (key.RevokedAt == null || key.RevokedAt > write.Now) && secret.LookupHash != null
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
