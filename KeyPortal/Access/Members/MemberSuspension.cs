using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;

namespace KeyPortal.Access.Members;

/// <summary>
/// Shuts a member out and lets them in again. Both are repeatable: asking for what already is succeeds and records nothing. The member's keys go on
/// validating, but open nothing of KeyPortal's own meanwhile.
/// </summary>
public sealed class MemberSuspension(MemberChange members)
{
    /// <summary>Refuses: not allowed; an owner by anybody but an owner; oneself (<c>own_membership</c>); the last owner (<c>last_owner</c>).</summary>
    [Needs(Act.ManageMembers)]
    public Task<Outcome<MemberView>> DisableAsync(Actor actor, string userId, CancellationToken cancellationToken = default) =>
        members.RunAsync(actor, userId, Act.ManageMembers, async (write, now, member) =>
        {
            if (MemberRules.ForOwners(now, member.Role) is { } forbidden)
            {
                return forbidden;
            }

            if (member.State == MemberState.Disabled)
            {
                return (AuditRecord?)null;
            }

            if (await MemberRules.LastOwnerAsync(write, member, cancellationToken) is { } last)
            {
                return last;
            }

            if (member.UserId == now.MemberId)
            {
                return Refusal.Conflict("own_membership", "Nobody disables themselves. To go, leave the organization.");
            }

            member.State = MemberState.Disabled;
            await SentInvitations.WithdrawAsync(write, now, member, cancellationToken);
            return new AuditRecord("member.disabled", AuditTarget.Member(member.UserId, member.Name)) { Details = Change(MemberState.Active, MemberState.Disabled) };
        }, cancellationToken);

    [Needs(Act.ManageMembers)]
    public Task<Outcome<MemberView>> EnableAsync(Actor actor, string userId, CancellationToken cancellationToken = default) =>
        members.RunAsync(actor, userId, Act.ManageMembers, (_, now, member) => Task.FromResult(Enable(now, member)), cancellationToken);

    private static Outcome<AuditRecord?> Enable(Actor actor, Member member)
    {
        if (MemberRules.ForOwners(actor, member.Role) is { } forbidden)
        {
            return forbidden;
        }

        if (member.State == MemberState.Active)
        {
            return (AuditRecord?)null;
        }

        member.State = MemberState.Active;
        return new AuditRecord("member.enabled", AuditTarget.Member(member.UserId, member.Name)) { Details = Change(MemberState.Disabled, MemberState.Active) };
    }

    private static System.Text.Json.Nodes.JsonObject Change(MemberState before, MemberState after) =>
        AuditRecord.Change([("state", SnakeCase.Of(before), SnakeCase.Of(after))]);
}
