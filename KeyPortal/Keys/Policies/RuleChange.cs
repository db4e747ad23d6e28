using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys.Policies;

/// <summary>What changing the policy and changing the catalogue have in common: who may, the transaction, the entry.</summary>
public sealed class RuleChange(Writer writer, PermissionGate gate)
{
    internal static readonly Refusal Stale = new(RefusalKind.Stale, "precondition_failed", "Somebody has changed this since you read it. Read it again, and decide again.");

    /// <summary>
    /// Checks the actor and runs <paramref name="change"/> in one transaction, on the organization and its catalogue as they are there. The change answers with
    /// its result and what to record, null where nothing changes (the act then succeeds and writes nothing), or with a refusal.
    /// </summary>
    internal async Task<Outcome<T>> RunAsync<T>(
        Actor actor, Func<WriteTransaction, Organization, List<CatalogueScope>, Task<Outcome<(T Result, AuditRecord? Record)>>> change, CancellationToken cancellationToken)
    {
        var target = AuditTarget.Organization(actor.OrganizationId, "");
        if (await gate.RefuseAsync(actor, Act.ChangePolicy, target, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var done = await writer.RunAsync<T>(async write =>
        {
            if (await RightsOfNow.RefuseAsync(write, actor, Act.ChangePolicy, actor.MemberId, cancellationToken) is { } late)
            {
                return late;
            }

            var organization = await write.Set<Organization>().SingleAsync(o => o.Id == actor.OrganizationId, cancellationToken);
            var catalogue = await write.Set<CatalogueScope>().Where(s => s.OrganizationId == actor.OrganizationId).OrderBy(s => s.Name).ToListAsync(cancellationToken);
            if (!(await change(write, organization, catalogue)).Succeeded(out var changed, out var refused))
            {
                return refused;
            }

            if (changed.Record is { } record)
            {
                await AuditLog.AppendAsync(write, actor, record, cancellationToken);
            }

            return changed.Result;
        }, cancellationToken);
        return done.Refusal is { Kind: RefusalKind.NotAllowed } forbidden && forbidden != KeyManagement.Off ? await gate.RecordAsync(actor, Act.ChangePolicy, target, forbidden, cancellationToken) : done;
    }
}
