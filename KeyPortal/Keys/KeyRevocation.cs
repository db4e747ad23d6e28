using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Primitives;

namespace KeyPortal.Keys;

/// <summary>Ends a key for good. When the call has returned, no validation that starts afterwards says <c>valid</c>.</summary>
public sealed class KeyRevocation(KeyChange keys, KeyManagement management)
{
    /// <summary>The farthest announced end: a year.</summary>
    public static readonly TimeSpan LongestNotice = TimeSpan.FromDays(365);

    /// <summary>Revokes; a key that is revoked already stays as it was, and that is a success: the caller wanted it dead and it is.</summary>
    [Needs(Act.ChangeKeys)]
    public Task<Outcome<KeyView>> RevokeAsync(Actor actor, string keyId, RevocationReason reason, CallTerms? terms = null, CancellationToken cancellationToken = default) =>
        EndAsync(actor, keyId, reason, notice: null, terms, cancellationToken);

    /// <summary>
    /// Announces a revocation: the key is good until then, its validations carry a warning, and then it is revoked by itself. Asked again, the newer end
    /// counts. Refuses an end that is not within a year, and to put off what another has announced (<c>ended_by_another</c>), unless an admin asks: whoever
    /// may only bring such an end forward does not become its author by it.
    /// </summary>
    [Needs(Act.ChangeKeys)]
    public async Task<Outcome<KeyView>> RetireAsync(Actor actor, string keyId, RevocationReason reason, TimeSpan notice, CallTerms? terms = null, CancellationToken cancellationToken = default) =>
        notice <= TimeSpan.Zero || notice > LongestNotice
            ? Refusal.Invalid("/retire_in_seconds", $"A key retires in 1 to {(long)LongestNotice.TotalSeconds:N0} seconds (365 days).")
            : await EndAsync(actor, keyId, reason, notice, terms, cancellationToken);

    private Task<Outcome<KeyView>> EndAsync(Actor actor, string keyId, RevocationReason reason, TimeSpan? notice, CallTerms? terms, CancellationToken cancellationToken) =>
        keys.RunAsync(actor, keyId, terms, async (write, key) =>
        {
            if (key.IsRevoked(write.Now))
            {
                return (AuditRecord?)null;
            }

            if (notice is not { } span)
            {
                return Revoke(key, write.Now, actor.Id, reason);
            }

            // An end that is put off gives, and does not take away.
            var author = await EndedByOthers.AnnouncedByAsync(write, actor, key, cancellationToken);
            if (write.Now + span > key.RevokedAt && (await management.RefuseAsync() ?? await AbsentOwner.RefuseAsync(write, key, cancellationToken)
                ?? (author is null ? null : EndedByOthers.PutOff) ?? await LimitGrant.RefuseGivingAsync(write.Db, actor, key, cancellationToken)) is { } refusal)
            {
                return refusal;
            }

            return Retire(key, write.Now + span, author ?? actor.Id, reason);
        }, cancellationToken);

    internal static AuditRecord Revoke(ApiKey key, DateTimeOffset now, string by, RevocationReason reason)
    {
        key.Revoke(now, by, reason);
        return new AuditRecord("key.revoked", AuditTarget.Key(key.Id, key.Name)) { Details = Describe(key, reason) };
    }

    internal static AuditRecord Retire(ApiKey key, DateTimeOffset end, string by, RevocationReason reason)
    {
        key.Revoke(end, by, reason);
        var details = Describe(key, reason);
        details["retires_at"] = AuditLog.Instant(end);
        return new AuditRecord("key.retired", AuditTarget.Key(key.Id, key.Name)) { Details = details };
    }

    private static JsonObject Describe(ApiKey key, RevocationReason reason) => new() { ["reason"] = SnakeCase.Of(reason), ["start"] = key.Start };
}
