using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Storage;

namespace KeyPortal.Operations;

/// <summary>Runs in the staged copy, as an instance of its own: what a restored database must know before it takes the present one's place.</summary>
public sealed class RestoreFinish(Writer writer)
{
    /// <summary>Ends what would come alive again and records the restore, in one transaction.</summary>
    internal async Task RunAsync(Revived revived, BackupManifest manifest, CancellationToken cancellationToken = default) =>
        await writer.RunAsync<bool>(async write =>
        {
            await revived.ApplyAsync(write, cancellationToken);
            await AuditLog.AppendAsync(write, Actor.System(AuditLog.Instance), new AuditRecord("instance.restored", new AuditTarget("instance", AuditLog.Instance, "KeyPortal"))
            {
                Details = new JsonObject
                {
                    ["backed_up_at"] = AuditLog.Instant(manifest.CreatedAt),
                    ["with_secrets"] = manifest.Secrets,
                    ["revocations_carried_over"] = revived.Keys.Count,
                    ["secret_ends_carried_over"] = revived.Secrets.Count,
                },
            }, cancellationToken);
            return true;
        }, cancellationToken);
}
