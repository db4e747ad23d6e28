using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Limits;

/// <summary>Reads an organization's tiers.</summary>
public static class TierLists
{
    public static async Task<TierList> OfAsync(KeyPortalDb db, string organizationId, CancellationToken cancellationToken) =>
        (await db.Set<OrganizationTiers>().AsNoTracking().SingleOrDefaultAsync(t => t.OrganizationId == organizationId, cancellationToken))?.ToList() ?? TierList.Initial;
}

/// <summary>An organization's tiers changed: what is remembered of its keys' limits is old.</summary>
public sealed record TiersChanged(string OrganizationId);
