using KeyPortal.Limits;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Usage;

/// <summary>When which keys ran into their limits.</summary>
public sealed class ViolationQueries(UsageReading usage, LimitWatch watch)
{
    public const int MaxPage = 200;

    /// <summary>The violations that ended no earlier than <paramref name="since"/>, newest beginning first. Refuses a cursor that is none.</summary>
    [Needs(Act.ReadUsage)]
    public async Task<Outcome<ResultPage<LimitViolation>>> ListAsync(
        Actor actor, DateTimeOffset since, string? keyId = null, int limit = 50, string? cursor = null, CancellationToken cancellationToken = default)
    {
        Cursor after = default;
        if (cursor is not null && !Cursor.TryDecode(cursor, out after))
        {
            return Refusal.Invalid("/cursor", "The cursor is none that this list has given.");
        }

        var read = await usage.ReadAsync(actor, keyId, async (reach, db, _) =>
        {
            await watch.FlushAsync(cancellationToken);
            var all = db.Set<LimitViolation>().AsNoTracking().Where(v => v.OrganizationId == reach.OrganizationId && v.LastAt >= since);
            all = reach.KeyIds is { } own ? all.Where(v => own.Contains(v.KeyId)) : all;
            var page = await (cursor is null ? all : all.Where(v => string.Compare(v.Id, after.Id) < 0)).OrderByDescending(v => v.Id).Take(Math.Clamp(limit, 1, MaxPage) + 1).ToListAsync(cancellationToken);
            var shown = page.Take(Math.Clamp(limit, 1, MaxPage)).ToList();
            return new ResultPage<LimitViolation>(shown, await all.CountAsync(cancellationToken), page.Count > shown.Count ? new Cursor("", shown[^1].Id).Encode() : null);
        }, cancellationToken);
        return read;
    }
}
