using KeyPortal.Audit;
using KeyPortal.Primitives;

namespace KeyPortal.Keys;

/// <summary>Switches a key off and on again. Both are repeatable: asking for what already is succeeds and records nothing.</summary>
public sealed class KeySuspension(KeyChange keys, KeyManagement management)
{
    [Needs(Act.ChangeKeys)]
    public Task<Outcome<KeyView>> DisableAsync(Actor actor, string keyId, CallTerms? terms = null, CancellationToken cancellationToken = default) =>
        keys.RunAsync(actor, keyId, terms, (write, key) => Task.FromResult(Switch(key, off: true, write.Now)), cancellationToken);

    /// <summary>Refuses with <c>ended_by_another</c> what an admin has switched off, unless an admin asks.</summary>
    [Needs(Act.ChangeKeys)]
    public Task<Outcome<KeyView>> EnableAsync(Actor actor, string keyId, CallTerms? terms = null, CancellationToken cancellationToken = default) =>
        keys.RunAsync(actor, keyId, terms, async (write, key) =>
            (await management.RefuseAsync() ?? (key.DisabledAt is null ? null : await EndedByOthers.RefuseEnablingAsync(write, actor, key, cancellationToken))) is { } refusal
                ? refusal
                : Switch(key, off: false, write.Now), cancellationToken);

    private static Outcome<AuditRecord?> Switch(ApiKey key, bool off, DateTimeOffset now)
    {
        if (key.IsRevoked(now))
        {
            return Refusal.Conflict("key_revoked", "A revoked key is ended for good; create a new one instead.");
        }

        if (key.DisabledAt is not null == off)
        {
            return (AuditRecord?)null;
        }

        if (off)
        {
            key.Disable(now);
        }
        else
        {
            key.Enable();
        }

        return new AuditRecord(off ? "key.disabled" : "key.enabled", AuditTarget.Key(key.Id, key.Name));
    }
}
