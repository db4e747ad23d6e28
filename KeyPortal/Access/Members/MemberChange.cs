using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access.Members;

/// <summary>What every change to a membership has in common: who may, which member, its transaction, its entry, and telling the rest of the program.</summary>
public sealed class MemberChange(Writer writer, PermissionGate gate, IDbContextFactory<KeyPortalDb> contexts)
{
    /// <summary>
    /// Finds the member, checks the actor, and runs <paramref name="change"/> in one transaction, with the actor's role as it is there. The change answers
    /// with what to record, with null when there is nothing to do (the act then succeeds and writes nothing), or with a refusal.
    /// </summary>
    internal async Task<Outcome<MemberView>> RunAsync(
        Actor actor, string userId, Act act, Func<WriteTransaction, Actor, Member, Task<Outcome<AuditRecord?>>> change, CancellationToken cancellationToken)
    {
        if (await FindAsync(actor.OrganizationId, userId, cancellationToken) is not { } found)
        {
            return await gate.RefuseAsync(actor, act, cancellationToken) ?? Refusal.NotFound("member");
        }

        var target = AuditTarget.Member(userId, found.Name);
        if (await gate.RefuseAsync(actor, act, target, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var done = await writer.RunAsync<MemberView>(async write =>
        {
            var member = await write.Set<Member>().SingleAsync(m => m.OrganizationId == actor.OrganizationId && m.UserId == userId, cancellationToken);
            if (member.State == MemberState.Removed)
            {
                return Refusal.NotFound("member");
            }

            if (await MemberRules.AsOfNowAsync(write, actor, cancellationToken) is not { } now || !now.May(act))
            {
                return PermissionGate.Forbidden(act);
            }

            if (!(await change(write, now, member)).Succeeded(out var record, out var refused) && refused is not null)
            {
                return refused;
            }

            if (record is not null)
            {
                await MemberRules.AnnounceAsync(write, member, cancellationToken);
                await AuditLog.AppendAsync(write, now, record, cancellationToken);
            }

            return new MemberView(member.UserId, member.Name, member.Role);
        }, cancellationToken);
        return done.Refusal is { Kind: RefusalKind.NotAllowed } forbidden
            ? await gate.RecordAsync(actor, forbidden == PermissionGate.Forbidden(Act.ManageOwners) ? Act.ManageOwners : act, target, forbidden, cancellationToken)
            : done;
    }

    private async Task<Member?> FindAsync(string organizationId, string userId, CancellationToken cancellationToken)
    {
        await using var db = contexts.CreateDbContext();
        return await db.Set<Member>().AsNoTracking().SingleOrDefaultAsync(m => m.OrganizationId == organizationId && m.UserId == userId && m.State != MemberState.Removed, cancellationToken);
    }
}
