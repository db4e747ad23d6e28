using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>The scopes an organization's keys may hold.</summary>
public sealed class ScopeCatalogue(IDbContextFactory<KeyPortalDb> contexts)
{
    /// <summary>The whole catalogue, by name. Any member may read it: it names permissions, it grants none.</summary>
    [NeedsNothing("every member picks scopes from the catalogue of their own organization")]
    public async Task<IReadOnlyList<CatalogueScope>> ListAsync(Actor actor, CancellationToken cancellationToken = default)
    {
        await using var db = contexts.CreateDbContext();
        return await db.Set<CatalogueScope>().AsNoTracking().Where(s => s.OrganizationId == actor.OrganizationId).OrderBy(s => s.Name).ToListAsync(cancellationToken);
    }
}
