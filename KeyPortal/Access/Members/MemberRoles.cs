using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;

namespace KeyPortal.Access.Members;

/// <summary>Gives members another role. It counts from the next act on, in open pages and for keys alike.</summary>
public sealed class MemberRoles(MemberChange members)
{
    /// <summary>
    /// Refuses: not allowed; to or from owner by anybody but an owner; one's own role, but for an owner who steps down while there is another
    /// (<c>own_role</c>, <c>last_owner</c>).
    /// </summary>
    [Needs(Act.ManageMembers)]
    public Task<Outcome<MemberView>> ChangeAsync(Actor actor, string userId, Role role, CancellationToken cancellationToken = default) =>
        members.RunAsync(actor, userId, Act.ManageMembers, async (write, now, member) =>
        {
            if (!Enum.IsDefined(role))
            {
                return Refusal.Invalid("/role", $"A role is one of {string.Join(", ", SnakeCase.AllOf<Role>())}.");
            }

            if (member.Role == role)
            {
                return (AuditRecord?)null;
            }

            if (MemberRules.ForOwners(now, member.Role, role) is { } forbidden)
            {
                return forbidden;
            }

            if (member.UserId == now.MemberId && member.Role != Role.Owner)
            {
                return Refusal.Conflict("own_role", "Nobody changes their own role. Ask another owner or admin to do it.");
            }

            if (await MemberRules.LastOwnerAsync(write, member, cancellationToken) is { } last)
            {
                return last;
            }

            var before = member.Role;
            member.Role = role;
            await SentInvitations.WithdrawAsync(write, now, member, cancellationToken);
            return new AuditRecord("member.role_changed", AuditTarget.Member(member.UserId, member.Name))
            {
                Details = AuditRecord.Change([("role", SnakeCase.Of(before), SnakeCase.Of(role))]),
            };
        }, cancellationToken);
}
