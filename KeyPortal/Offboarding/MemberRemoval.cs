using KeyPortal.Access.Members;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Offboarding;

/// <summary>
/// A member goes, and the member's keys with them: one act, one transaction. The row stays, so that keys and the audit log go on naming the person, who
/// may be invited again.
/// </summary>
public sealed class MemberRemoval(MemberChange members)
{
    /// <summary>
    /// Removes a member. Refuses: not allowed; an owner by anybody but an owner; the last owner (<c>last_owner</c>); a fate that cannot be, such as a
    /// transfer to nobody.
    /// </summary>
    [Needs(Act.ManageMembers)]
    public Task<Outcome<MemberView>> RemoveAsync(Actor actor, string userId, KeyFate fate, CancellationToken cancellationToken = default) =>
        userId == actor.MemberId
            ? LeaveAsync(actor, fate, cancellationToken)
            : members.RunAsync(actor, userId, Act.ManageMembers, (write, now, member) => RemoveAsync(write, now, member, fate, cancellationToken), cancellationToken);

    /// <summary>The same for oneself. Whoever does not manage members can hand their keys to nobody: a key acts with its owner's role, which may be a higher one.</summary>
    [Needs(Act.ChangeOwnAccount)]
    public Task<Outcome<MemberView>> LeaveAsync(Actor actor, KeyFate fate, CancellationToken cancellationToken = default) =>
        members.RunAsync(actor, actor.MemberId, Act.ChangeOwnAccount, (write, now, member) => RemoveAsync(write, now, member, fate, cancellationToken), cancellationToken);

    private static async Task<Outcome<AuditRecord?>> RemoveAsync(WriteTransaction write, Actor actor, Member member, KeyFate fate, CancellationToken cancellationToken)
    {
        if (member.UserId != actor.MemberId && MemberRules.ForOwners(actor, member.Role) is { } forbidden)
        {
            return forbidden;
        }

        if (fate.Check() is { } broken)
        {
            return broken;
        }

        if (await MemberRules.LastOwnerAsync(write, member, cancellationToken) is { } last)
        {
            return last;
        }

        var settled = await SettleAsync(write, actor, member, fate, cancellationToken);
        if (!settled.Succeeded(out var keys, out var refused) && refused is not null)
        {
            return refused;
        }

        var before = member.State;
        member.State = MemberState.Removed;
        await SentInvitations.WithdrawAsync(write, actor, member, cancellationToken);
        var details = AuditRecord.Change([("state", SnakeCase.Of(before), SnakeCase.Of(MemberState.Removed))]);
        (details["role"], details["keys"], details["keys_fate"]) = (SnakeCase.Of(member.Role), keys, NameOf(fate));
        return new AuditRecord("member.removed", AuditTarget.Member(member.UserId, member.Name)) { Details = details };
    }

    /// <summary>How many keys were changed.</summary>
    private static async Task<Outcome<int>> SettleAsync(WriteTransaction write, Actor actor, Member member, KeyFate fate, CancellationToken cancellationToken)
    {
        switch (fate)
        {
            case KeyFate.Retire { After: var after }:
                return await OwnersKeys.RetireAsync(write, actor, member.UserId, write.Now + after, cancellationToken);
            case KeyFate.Transfer { ToUserId: var heirId }:
                if (!actor.May(Act.ManageMembers))
                {
                    return new Refusal(RefusalKind.NotAllowed, "not_allowed", "Only an owner or admin can hand keys to another member. Retire or revoke yours, or ask to be removed with a transfer.");
                }

                var heir = await write.Set<Member>().SingleOrDefaultAsync(
                    m => m.OrganizationId == actor.OrganizationId && m.UserId == heirId && m.UserId != member.UserId && m.State == MemberState.Active, cancellationToken);
                return heir is null || Permissions.Of(heir.Role, Act.CreateKeys) == Reach.None
                    ? Refusal.Invalid("/transfer_to", "Keys can go to another active member whose role allows keys: an owner, admin or developer.")
                    : await OwnersKeys.TransferAsync(write, actor, member.UserId, heir, cancellationToken);
            default:
                return await OwnersKeys.RevokeAsync(write, actor, member.UserId, RevocationReason.AffiliationChanged, cancellationToken);
        }
    }

    private static string NameOf(KeyFate fate) => fate switch
    {
        KeyFate.Transfer => "transferred",
        KeyFate.Retire => "retired",
        _ => "revoked",
    };
}
