using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Storage;

namespace KeyPortal.Keys.Policies;

/// <summary>Asks for a second person's approval of a key that has just been made.</summary>
public sealed class ApprovalRequests(ApprovalMails mails)
{
    /// <summary>Writes the entry and the mails of a key that waits, in the transaction that makes it; does nothing for any other.</summary>
    internal async Task AskAsync(WriteTransaction write, Actor actor, ApiKey key, bool withMail, CancellationToken cancellationToken)
    {
        if (key.IsPending)
        {
            await AuditLog.AppendAsync(write, actor, new AuditRecord("key.approval_requested", AuditTarget.Key(key.Id, key.Name))
            {
                Details = new JsonObject { ["scopes"] = new JsonArray([.. key.Scopes.Select(s => (JsonNode?)s)]) },
            }, cancellationToken);
            if (withMail)
            {
                await mails.AskAsync(write, actor, key, cancellationToken);
            }
        }
    }
}
