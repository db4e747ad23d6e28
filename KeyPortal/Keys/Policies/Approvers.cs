using KeyPortal.Organizations;
using KeyPortal.Primitives;

namespace KeyPortal.Keys.Policies;

/// <summary>The members whose role may approve keys.</summary>
internal static class Approvers
{
    private static readonly Role[] Roles = [.. Enum.GetValues<Role>().Where(role => Permissions.Of(role, Act.ApproveKeys) == Reach.All)];

    /// <summary>The active ones of an organization, the longest there first.</summary>
    public static IQueryable<Member> Approving(this IQueryable<Member> members, string organizationId) =>
        members.Where(m => m.OrganizationId == organizationId && m.State == MemberState.Active && Roles.Contains(m.Role)).OrderBy(m => m.JoinedAt).ThenBy(m => m.UserId);
}
