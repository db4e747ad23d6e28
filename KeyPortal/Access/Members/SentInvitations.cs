using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access.Members;

/// <summary>
/// Takes back what a member sent and could not send any more: whoever is shut out must not get back in by an invitation to an address of their own.
/// </summary>
internal static class SentInvitations
{
    /// <summary>Withdraws the sender's pending invitations that the sender's new state or role does not allow; each has its entry.</summary>
    public static async Task WithdrawAsync(WriteTransaction write, Actor actor, Member sender, CancellationToken cancellationToken)
    {
        var pending = await write.Set<Invitation>()
            .Where(i => i.OrganizationId == sender.OrganizationId && i.InvitedBy == sender.UserId && i.AcceptedAt == null && i.WithdrawnAt == null).ToListAsync(cancellationToken);
        foreach (var invitation in pending.Where(i => !MaySend(sender, i.Role)))
        {
            invitation.Withdraw(write.Now);
            await AuditLog.AppendAsync(write, actor, MemberInvitations.Withdrawn(invitation, "sender_may_not_invite"), cancellationToken);
        }
    }

    private static bool MaySend(Member sender, Role role) =>
        sender.State == MemberState.Active && Permissions.Of(sender.Role, role == Role.Owner ? Act.ManageOwners : Act.ManageMembers) == Reach.All;
}
