using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Usage;

/// <summary>Calls that wanted to pass in one minute (UTC), whether or not limits let them.</summary>
public readonly record struct MinuteDemand(DateTimeOffset At, long Calls);

/// <summary>One key's calls that wanted to pass, how many of them limits refused, and when they came.</summary>
public sealed record KeyDemandSeries(string KeyId, long Calls, long Limited, IReadOnlyList<MinuteDemand> Minutes);

/// <summary>
/// What keys asked of their limits: calls that were valid or that only limits refused. A call that was refused for another reason spends nothing and is not in it.
/// With the database out of reach each throws <see cref="StorageUnavailableException"/>.
/// </summary>
public sealed class DemandQueries(UsageReading usage)
{
    /// <summary>Minutes are kept for eight days; whole ones of the last seven are always there.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <summary>One key's demand in the last <paramref name="span"/> (at most <see cref="Longest"/>), minute by minute; only minutes with calls.</summary>
    [Needs(Act.ReadUsage)]
    public Task<Outcome<KeyDemandSeries>> OfKeyAsync(Actor actor, string keyId, TimeSpan span, CancellationToken cancellationToken = default) =>
        usage.ReadAsync(actor, keyId, async (reach, db, now) => Series(keyId, await RowsAsync(reach.Rows(db, byMinute: true), span, now, cancellationToken)), cancellationToken);

    /// <summary>The keys that asked most in the last <paramref name="span"/> (at most <see cref="Longest"/>), the busiest first.</summary>
    [Needs(Act.ReadUsage)]
    public Task<Outcome<IReadOnlyList<KeyDemandSeries>>> BusiestAsync(Actor actor, TimeSpan span, int top, CancellationToken cancellationToken = default) =>
        usage.ReadAsync<IReadOnlyList<KeyDemandSeries>>(actor, null, async (reach, db, now) =>
        {
            var from = UsageTime.HourOf(now - span);
            var busiest = await Asking(reach.Rows(db, byMinute: false)).Where(r => r.Time >= from && r.KeyId != "")
                .GroupBy(r => r.KeyId).Select(g => new { g.Key, Count = g.Sum(r => r.Count) }).OrderByDescending(g => g.Count).ThenBy(g => g.Key).Take(top).Select(g => g.Key)
                .ToListAsync(cancellationToken);
            var rows = (await RowsAsync(reach.Rows(db, byMinute: true).Where(r => busiest.Contains(r.KeyId)), span, now, cancellationToken)).ToLookup(r => r.KeyId);
            return [.. busiest.Select(id => Series(id, rows[id])).OrderByDescending(s => s.Calls)];
        }, cancellationToken);

    private static IQueryable<UsageRow> Asking(IQueryable<UsageRow> rows) =>
        rows.Where(r => r.Code == ValidationCode.Valid || r.Code == ValidationCode.RateLimited || r.Code == ValidationCode.QuotaExceeded);

    private static async Task<List<Row>> RowsAsync(IQueryable<UsageRow> rows, TimeSpan span, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var from = UsageTime.MinuteOf(now - (span < Longest ? span : Longest));
        return await Asking(rows).Where(r => r.Time >= from)
            .GroupBy(r => new { r.KeyId, r.Time }).Select(g => new Row(g.Key.KeyId, g.Key.Time, g.Sum(r => r.Count), g.Sum(r => r.Code == ValidationCode.Valid ? 0 : r.Count)))
            .ToListAsync(cancellationToken);
    }

    private static KeyDemandSeries Series(string keyId, IEnumerable<Row> rows)
    {
        List<Row> all = [.. rows.OrderBy(r => r.Minute)];
        return new KeyDemandSeries(keyId, all.Sum(r => r.Calls), all.Sum(r => r.Limited), [.. all.Select(r => new MinuteDemand(UsageTime.AtMinute(r.Minute), r.Calls))]);
    }

    private sealed record Row(string KeyId, int Minute, long Calls, long Limited);
}
