using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Organizations;

/// <summary>One organization as its member sees it.</summary>
public sealed record OrganizationView(string Id, string Name, Role Role, string MemberName, string UserId)
{
    /// <summary>Does the organization want every member to have a second factor?</summary>
    public bool SecondFactorRequired { get; init; }
}

/// <summary>A member in a list: for filters and owners' names.</summary>
public sealed record MemberView(string UserId, string Name, Role Role);

/// <summary>Who belongs where. Read from the database at each act, so that a changed role counts at once.</summary>
public sealed class Membership(IDbContextFactory<KeyPortalDb> contexts)
{
    /// <summary>The organizations of one account, by name.</summary>
    public async Task<IReadOnlyList<OrganizationView>> OfAsync(string userId, CancellationToken cancellationToken = default)
    {
        await using var db = contexts.CreateDbContext();
        return await (from member in db.Set<Member>()
                      join organization in db.Set<Organization>() on member.OrganizationId equals organization.Id
                      where member.UserId == userId && member.State == MemberState.Active
                      orderby organization.Name, organization.Id
                      select new OrganizationView(organization.Id, organization.Name, member.Role, member.Name, userId) { SecondFactorRequired = organization.SecondFactorRequired }).ToListAsync(cancellationToken);
    }

    /// <summary>The account's place in one organization; null when it has none there.</summary>
    public async Task<OrganizationView?> FindAsync(string userId, string organizationId, CancellationToken cancellationToken = default)
    {
        await using var db = contexts.CreateDbContext();
        return await (from member in db.Set<Member>()
                      join organization in db.Set<Organization>() on member.OrganizationId equals organization.Id
                      where member.UserId == userId && member.OrganizationId == organizationId && member.State == MemberState.Active
                      select new OrganizationView(organization.Id, organization.Name, member.Role, member.Name, userId) { SecondFactorRequired = organization.SecondFactorRequired }).SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>The members an actor may know of: everyone, or with a reach of their own only, themselves.</summary>
    [Needs(Act.ReadKeys)]
    public async Task<IReadOnlyList<MemberView>> ListAsync(Actor actor, CancellationToken cancellationToken = default)
    {
        var all = actor.ReachOf(Act.ReadKeys) == Reach.All;
        await using var db = contexts.CreateDbContext();
        return await db.Set<Member>()
            .Where(m => m.OrganizationId == actor.OrganizationId && (all || m.UserId == actor.MemberId))
            .OrderBy(m => m.Name).ThenBy(m => m.UserId)
            .Select(m => new MemberView(m.UserId, m.Name, m.Role))
            .ToListAsync(cancellationToken);
    }

    /// <summary>What the organization demands of its keys.</summary>
    public async Task<OrganizationPolicy> PolicyAsync(string organizationId, CancellationToken cancellationToken = default)
    {
        await using var db = contexts.CreateDbContext();
        return await db.Set<Organization>().AsNoTracking().Where(o => o.Id == organizationId).Select(o => o.Policy).SingleAsync(cancellationToken);
    }
}
