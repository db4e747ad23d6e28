using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Usage;

/// <summary>How many keys ran into their limits, and how many calls the limits refused: a call that two limits refuse is one.</summary>
public sealed record ViolationSummary(int Keys, long Refused);

/// <summary>When which keys ran into their limits. With the database out of reach each throws <see cref="StorageUnavailableException"/>.</summary>
public sealed class ViolationQueries(UsageReading usage, LimitViolations violations)
{
    public const int MaxPage = 200;

    /// <summary>Farther back the hour that <c>since</c> lies in counts as a whole, of which there are sixty times fewer rows to add up.</summary>
    private static readonly TimeSpan LongestByMinute = TimeSpan.FromDays(2);

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
            var all = await WithinAsync(reach, db, since, cancellationToken);
            var page = await (cursor is null ? all : all.Where(v => string.Compare(v.Id, after.Id) < 0)).OrderByDescending(v => v.Id).Take(Math.Clamp(limit, 1, MaxPage) + 1).ToListAsync(cancellationToken);
            var shown = page.Take(Math.Clamp(limit, 1, MaxPage)).ToList();
            return new ResultPage<LimitViolation>(shown, await all.CountAsync(cancellationToken), page.Count > shown.Count ? new Cursor("", shown[^1].Id).Encode() : null);
        }, cancellationToken);
        return read;
    }

    /// <summary>What limits refused since an instant, of one key or (null) of all within reach.</summary>
    [Needs(Act.ReadUsage)]
    public Task<Outcome<ViolationSummary>> SummaryAsync(Actor actor, DateTimeOffset since, string? keyId = null, CancellationToken cancellationToken = default) =>
        usage.ReadAsync(actor, keyId, async (reach, db, now) =>
        {
            var byMinute = now - since <= LongestByMinute;
            var from = byMinute ? UsageTime.MinuteOf(since) : UsageTime.HourOf(since);
            var refused = reach.Rows(db, byMinute).Where(r => r.Time >= from && r.KeyId != "" && (r.Code == ValidationCode.RateLimited || r.Code == ValidationCode.QuotaExceeded));
            var counted = await refused.GroupBy(r => r.KeyId).Select(g => new { g.Key, Count = g.Sum(r => r.Count) }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellationToken);
            var listed = await (await WithinAsync(reach, db, since, cancellationToken))
                .GroupBy(v => new { v.KeyId, v.LimitName }).Select(g => new { g.Key.KeyId, Count = g.Sum(v => v.Refused) }).ToListAsync(cancellationToken);
            foreach (var key in listed.GroupBy(l => l.KeyId))
            {
                // Calls on KeyPortal itself are held to limits too, and stand in no rollup.
                counted.TryAdd(key.Key, key.Max(l => l.Count));
            }

            return new ViolationSummary(counted.Count, counted.Values.Sum());
        }, cancellationToken);

    private async Task<IQueryable<LimitViolation>> WithinAsync(UsageReach reach, UsageDb db, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await violations.FlushAsync(cancellationToken);
        var all = db.Set<LimitViolation>().AsNoTracking().Where(v => v.OrganizationId == reach.OrganizationId && v.LastAt >= since);
        return reach.KeyIds is { } own ? all.Where(v => own.Contains(v.KeyId)) : all;
    }
}
