using System.Text.Json.Nodes;
using KeyPortal.Access;
using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Operations;

/// <summary>Runs in the staged copy, as an instance of its own: what a restored database must know before it takes the present one's place.</summary>
public sealed class RestoreFinish(Writer writer)
{
    /// <summary>Ends what would come alive again and records the restore, in one transaction.</summary>
    internal async Task RunAsync(Revived revived, BackupManifest manifest, CancellationToken cancellationToken = default) =>
        await writer.RunAsync<bool>(async write =>
        {
            await revived.ApplyAsync(write, cancellationToken);
            var sessions = await EndSessionsAsync(write, cancellationToken);
            await AuditLog.AppendAsync(write, Actor.System(AuditLog.Instance), new AuditRecord("instance.restored", new AuditTarget("instance", AuditLog.Instance, "KeyPortal"))
            {
                Details = new JsonObject
                {
                    ["backed_up_at"] = AuditLog.Instant(manifest.CreatedAt),
                    ["with_secrets"] = manifest.Secrets,
                    ["revocations_carried_over"] = revived.Keys.Count,
                    ["secret_ends_carried_over"] = revived.Secrets.Count,
                    ["sessions_ended"] = sessions,
                },
            }, cancellationToken);
            return true;
        }, cancellationToken);

    /// <summary>
    /// Everybody signs in again, and links and half sign-ins of that time are worth nothing: which of them were ended or used since, this database does
    /// not know.
    /// </summary>
    private static async Task<int> EndSessionsAsync(WriteTransaction write, CancellationToken cancellationToken)
    {
        DateTimeOffset? now = write.Now;
        SessionEnd? reason = SessionEnd.Restored;
        await write.Set<SignInChallenge>().ExecuteDeleteAsync(cancellationToken);
        await write.Set<PasswordReset>().ExecuteDeleteAsync(cancellationToken);
        return await write.Set<Session>().Where(s => s.EndedAt == null).ExecuteUpdateAsync(s => s.SetProperty(x => x.EndedAt, now).SetProperty(x => x.EndReason, reason), cancellationToken);
    }
}
