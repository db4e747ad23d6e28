using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Access.Members;

/// <summary>What holds for every change to a membership. All of it is asked inside the transaction of the change: of many at once each must count.</summary>
internal static class MemberRules
{
    /// <summary>The actor with the role of this very moment; null when it is no active member any more. Another's act may have come first.</summary>
    public static async Task<Actor?> AsOfNowAsync(WriteTransaction write, Actor actor, CancellationToken cancellationToken)
    {
        var role = await write.Set<Member>().Where(m => m.OrganizationId == actor.OrganizationId && m.UserId == actor.MemberId && m.State == MemberState.Active)
            .Select(m => (Role?)m.Role).SingleOrDefaultAsync(cancellationToken);
        return role is null ? null : actor with { Role = role.Value };
    }

    /// <summary>Only an owner makes or unmakes owners.</summary>
    public static Refusal? ForOwners(Actor actor, params ReadOnlySpan<Role> roles) =>
        roles.Contains(Role.Owner) && !actor.May(Act.ManageOwners) ? PermissionGate.Forbidden(Act.ManageOwners) : null;

    /// <summary>An organization always has an active owner: without one nobody could ever make another.</summary>
    public static async Task<Refusal?> LastOwnerAsync(WriteTransaction write, Member leaving, CancellationToken cancellationToken) =>
        leaving is not { Role: Role.Owner, State: MemberState.Active }
        || await write.Set<Member>().AnyAsync(m => m.OrganizationId == leaving.OrganizationId && m.UserId != leaving.UserId && m.Role == Role.Owner && m.State == MemberState.Active, cancellationToken)
            ? null
            : Refusal.Conflict("last_owner", "An organization needs an owner, and this is the last one. Make another member an owner first.");

    /// <summary>
    /// Makes the rest of the program see that somebody's rights changed: caches, open pages, access tokens. Sessions end where the account has no place
    /// left, so that a cookie from before is worth nothing should it get one again.
    /// </summary>
    public static async Task AnnounceAsync(WriteTransaction write, Member member, CancellationToken cancellationToken)
    {
        write.Announce(new MembershipChanged(member.OrganizationId, member.UserId));
        await Sessions.VoidTokensAsync(write, member.UserId, cancellationToken);
        if (member.State != MemberState.Active
            && !await write.Set<Member>().AnyAsync(m => m.UserId == member.UserId && m.OrganizationId != member.OrganizationId && m.State == MemberState.Active, cancellationToken))
        {
            await Sessions.EndAllAsync(write, member.UserId, SessionEnd.MembershipEnded, cancellationToken: cancellationToken);
        }
    }
}
