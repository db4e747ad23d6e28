using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Limits;

/// <summary>The tiers an organization's keys may take their limits from.</summary>
public sealed class TierQueries(IDbContextFactory<KeyPortalDb> contexts)
{
    [NeedsNothing("every member picks a tier from those of their own organization")]
    public async Task<TierList> ListAsync(Actor actor, CancellationToken cancellationToken = default)
    {
        await using var db = contexts.CreateDbContext();
        return await TierLists.OfAsync(db, actor.OrganizationId, cancellationToken);
    }
}
