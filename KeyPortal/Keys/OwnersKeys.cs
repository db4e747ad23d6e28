using KeyPortal.Audit;
using KeyPortal.Keys.Bulk;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;

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

    private static Task<int> ChangeAsync(WriteTransaction write, Actor actor, string ownerId, Func<ApiKey, AuditRecord?> change, CancellationToken cancellationToken) =>
        KeyBatch.ChangeAsync(write, actor, write.Set<ApiKey>().Where(k => k.OwnerId == ownerId && (k.RevokedAt == null || k.RevokedAt > write.Now)), change, cancellationToken);
}
