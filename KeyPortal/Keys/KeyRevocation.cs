using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Primitives;

namespace KeyPortal.Keys;

/// <summary>Ends a key for good. When the call has returned, no validation that starts afterwards says <c>valid</c>.</summary>
public sealed class KeyRevocation(KeyChange keys)
{
    /// <summary>Revokes; a key that is revoked already stays as it was, and that is a success: the caller wanted it dead and it is.</summary>
    [Needs(Act.ChangeKeys)]
    public Task<Outcome<KeyView>> RevokeAsync(Actor actor, string keyId, RevocationReason reason, CancellationToken cancellationToken = default) =>
        keys.RunAsync(actor, keyId, (write, key) =>
        {
            if (key.RevokedAt is not null)
            {
                return Task.FromResult<Outcome<AuditRecord?>>((AuditRecord?)null);
            }

            return Task.FromResult<Outcome<AuditRecord?>>(Revoke(key, write.Now, actor.Id, reason));
        }, cancellationToken);

    internal static AuditRecord Revoke(ApiKey key, DateTimeOffset now, string by, RevocationReason reason)
    {
        key.Revoke(now, by, reason);
        return new AuditRecord("key.revoked", AuditTarget.Key(key.Id, key.Name))
        {
            Details = new JsonObject { ["reason"] = SnakeCase.Of(reason), ["start"] = key.Start },
        };
    }
}
