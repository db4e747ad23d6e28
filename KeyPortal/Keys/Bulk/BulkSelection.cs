using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys.Bulk;

/// <summary>Which keys an act is for: those named one by one, or those a filter finds at that moment.</summary>
public sealed record BulkSelection
{
    private BulkSelection(IReadOnlyList<string>? ids, KeyFilter? filter) => (Ids, Filter) = (ids, filter);

    public IReadOnlyList<string>? Ids { get; }

    public KeyFilter? Filter { get; }

    public static BulkSelection Of(IReadOnlyList<string> ids) => new([.. ids.Distinct(StringComparer.Ordinal)], null);

    public static BulkSelection Of(KeyFilter filter) => new(null, filter);

    /// <summary>
    /// The ids of the keys an act is for, oldest first: every key named, or of those the filter finds the ones that <paramref name="eligible"/> leaves. A key
    /// named that the actor cannot see is refused, and so is the key that calls: no key changes itself. A filter just does not find it.
    /// </summary>
    internal async Task<Outcome<IReadOnlyList<string>>> ResolveAsync(
        KeyPortalDb db, Actor actor, Func<IQueryable<ApiKey>, IQueryable<ApiKey>> eligible, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var visible = KeyMatching.Visible(db, actor);
        if (Ids is null)
        {
            return await eligible(KeyMatching.Matching(visible, db, Filter!, now)).Where(k => k.Id != actor.Id).OrderBy(k => k.Id).Select(k => k.Id).ToListAsync(cancellationToken);
        }

        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var some in Ids.Chunk(KeyBulk.AtOnce))
        {
            known.UnionWith(await visible.Where(k => some.Contains(k.Id)).Select(k => k.Id).ToListAsync(cancellationToken));
        }

        var unknown = Ids.Select((id, i) => (id, i)).Where(x => !known.Contains(x.id)).Select(x => new FieldError($"/ids/{x.i}", "There is no such key.")).ToList();
        return unknown.Count > 0 ? Refusal.Invalid(unknown)
            : known.Contains(actor.Id) ? new Refusal(RefusalKind.NotAllowed, "own_credential", "A key cannot change itself. Leave it out, or use another credential.")
            : Ids.Order(StringComparer.Ordinal).ToList();
    }
}
