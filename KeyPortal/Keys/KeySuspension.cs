using KeyPortal.Audit;
using KeyPortal.Primitives;

namespace KeyPortal.Keys;

/// <summary>Switches a key off and on again. Both are repeatable: asking for what one has already done succeeds and records nothing.</summary>
public sealed class KeySuspension(KeyChange keys, KeyManagement management)
{
    /// <summary>Of a key that somebody else has switched off already it is recorded that the actor wants it off too: then its owner alone does not bring it back.</summary>
    [Needs(Act.ChangeKeys)]
    public Task<Outcome<KeyView>> DisableAsync(Actor actor, string keyId, CallTerms? terms = null, CancellationToken cancellationToken = default) =>
        keys.RunAsync(actor, keyId, terms, async (write, key) =>
            Switch(key, off: true, write.Now, isNew: key.DisabledAt is null || !(await EndedByOthers.SwitchedOffByAsync(write, key, cancellationToken)).Contains(actor.Id)), cancellationToken);

    /// <summary>
    /// Refuses with <c>ended_by_another</c> what an admin has switched off, unless an admin asks, and with <c>limited_credential</c> a key that calls KeyPortal to
    /// one that has limits.
    /// </summary>
    [Needs(Act.ChangeKeys)]
    public Task<Outcome<KeyView>> EnableAsync(Actor actor, string keyId, CallTerms? terms = null, CancellationToken cancellationToken = default) =>
        keys.RunAsync(actor, keyId, terms, async (write, key) =>
            (await management.RefuseAsync() ?? (key.DisabledAt is null ? null
                : await EndedByOthers.RefuseEnablingAsync(write, actor, key, cancellationToken) ?? await LimitGrant.RefuseGivingAsync(write.Db, actor, key, cancellationToken))) is { } refusal
                ? refusal
                : Switch(key, off: false, write.Now, isNew: key.DisabledAt is not null), cancellationToken);

    private static Outcome<AuditRecord?> Switch(ApiKey key, bool off, DateTimeOffset now, bool isNew)
    {
        if (key.IsRevoked(now))
        {
            return Refusal.Conflict("key_revoked", "A revoked key is ended for good; create a new one instead.");
        }

        if (!isNew)
        {
            return (AuditRecord?)null;
        }

        if (!off)
        {
            key.Enable();
        }
        else if (key.DisabledAt is null)
        {
            key.Disable(now);
        }

        return new AuditRecord(off ? "key.disabled" : "key.enabled", AuditTarget.Key(key.Id, key.Name));
    }
}
