using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>What every change to an existing key has in common: who may, which key, its transaction, its entry, and telling the cache.</summary>
public sealed class KeyChange(Writer writer, PermissionGate gate, IDbContextFactory<KeyPortalDb> contexts)
{
    /// <summary>
    /// Finds the key, checks the actor, and runs <paramref name="change"/> on it in one transaction. The change answers with what to record, with
    /// null when there is nothing to do (the act then succeeds and writes nothing), or with a refusal. <paramref name="terms"/> are held first.
    /// </summary>
    internal Task<Outcome<KeyView>> RunAsync(
        Actor actor, string keyId, CallTerms? terms, Func<WriteTransaction, ApiKey, Task<Outcome<AuditRecord?>>> change, CancellationToken cancellationToken) =>
        RunAsync(actor, keyId, Act.ChangeKeys, terms, change, cancellationToken);

    /// <summary>The same for an act that stands under another row of the table.</summary>
    internal async Task<Outcome<KeyView>> RunAsync(
        Actor actor, string keyId, Act act, CallTerms? terms, Func<WriteTransaction, ApiKey, Task<Outcome<AuditRecord?>>> change, CancellationToken cancellationToken)
    {
        if (await RefuseAsync(actor, keyId, act, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var done = await writer.RunAsync<KeyView>(async write =>
        {
            var key = await write.Set<ApiKey>().SingleAsync(k => k.Id == keyId && k.OrganizationId == actor.OrganizationId, cancellationToken);
            if (await RightsOfNow.RefuseAsync(write, actor, act, key.OwnerId, cancellationToken) is { } late)
            {
                return late;
            }

            var owner = await write.Set<Member>().Where(m => m.OrganizationId == key.OrganizationId && m.UserId == key.OwnerId).Select(m => m.Name).SingleOrDefaultAsync(cancellationToken) ?? "";
            var rotationAge = await RotationAge.OfPolicyAsync(write.Db, key.OrganizationId, cancellationToken);
            if (terms?.Check(KeyView.Of(key, owner, rotationAge, write.Now)) is { } stale)
            {
                return stale;
            }

            var changed = await change(write, key);
            if (!changed.Succeeded(out var record, out var refused) && refused is not null)
            {
                return refused;
            }

            if (record is not null)
            {
                key.Revision++;
                var hashes = await write.Set<KeySecret>().Where(s => s.KeyId == keyId && s.LookupHash != null).Select(s => s.LookupHash!).ToListAsync(cancellationToken);
                write.Announce(new SecretsChanged([.. hashes.Select(h => LookupHash.From(h))]));
                await AuditLog.AppendAsync(write, actor, record, cancellationToken);
            }

            if (terms?.Once is { } once)
            {
                await once.DoneAsync(write, key.Id, cancellationToken);
            }

            return KeyView.Of(key, owner, rotationAge, write.Now);
        }, cancellationToken);
        return done.Refusal is { } forbidden && (forbidden == PermissionGate.Forbidden(act) || forbidden.Code is EndedByOthers.Code or LimitGrant.LimitedCaller)
            ? await gate.RecordAsync(actor, act, AuditTarget.Key(keyId, ""), forbidden, cancellationToken)
            : done;
    }

    /// <summary>May the actor change this key? Else the refusal, recorded. Asked by <see cref="RunAsync"/> itself too.</summary>
    internal Task<Refusal?> RefuseAsync(Actor actor, string keyId, CancellationToken cancellationToken) => RefuseAsync(actor, keyId, Act.ChangeKeys, cancellationToken);

    private async Task<Refusal?> RefuseAsync(Actor actor, string keyId, Act act, CancellationToken cancellationToken)
    {
        await using var db = contexts.CreateDbContext();
        var found = await db.Set<ApiKey>().Where(k => k.Id == keyId && k.OrganizationId == actor.OrganizationId).Select(k => new { k.OwnerId, k.Name }).SingleOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return await gate.RefuseAsync(actor, act, cancellationToken) ?? Refusal.NotFound("key");
        }

        var target = AuditTarget.Key(keyId, found.Name);
        if (await gate.RefuseAsync(actor, act, Act.ReadKeys, target, found.OwnerId, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        // A stolen management key must not be able to lengthen its own life or widen its own scopes.
        return actor.Type == ActorType.ApiKey && actor.Id == keyId
            ? await gate.RecordAsync(actor, act, target, new Refusal(RefusalKind.NotAllowed, "own_credential", "A key cannot change itself. Use another credential."), cancellationToken)
            : null;
    }
}
