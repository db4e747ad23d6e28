using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Usage;

/// <summary>
/// How keys were used, as far as the actor may see: the whole organization, or the member's own keys. What was counted a moment ago is in every answer.
/// Where a key is named that is not the actor's to see, there is no such key. With the database out of reach each throws <see cref="StorageUnavailableException"/>.
/// </summary>
public sealed class UsageQueries(UsageReading usage)
{
    /// <summary>A sparkline's points: six hours each, seven days.</summary>
    public const int SparklinePoints = 28;

    private const int SparklineHours = 6;
    private const int KeysPerRefusal = 5;

    /// <summary>Counts over time, of one key or of all.</summary>
    [Needs(Act.ReadUsage)]
    public Task<Outcome<UsageSeries>> SeriesAsync(Actor actor, UsagePeriod period, string? keyId = null, CancellationToken cancellationToken = default) =>
        usage.ReadAsync(actor, keyId, async (reach, db, now) =>
        {
            var start = period.StartAt(now);
            var unit = period.IsByMinute ? 1 : UsageTime.MinutesPerHour;
            var (from, width) = (UsageTime.MinuteOf(start) / unit, (int)period.BucketWidth.TotalMinutes / unit);
            var counts = await Within(reach, db, period, now)
                .GroupBy(r => new { Bucket = (r.Time - from) / width, r.Code })
                .Select(g => new { g.Key.Bucket, g.Key.Code, Count = g.Sum(r => r.Count) })
                .ToListAsync(cancellationToken);
            var byBucket = counts.ToLookup(c => c.Bucket);
            return new UsageSeries(period, [.. Enumerable.Range(0, period.Buckets).Select(i => new UsageBucket(
                start + (period.BucketWidth * i),
                start + (period.BucketWidth * (i + 1)),
                byBucket[i].ToDictionary(c => c.Code, c => c.Count)))]);
        }, cancellationToken);

    /// <summary>Counts between two instants, step by step, of one key or of all; steps without calls are there too.</summary>
    [Needs(Act.ReadUsage)]
    public Task<Outcome<IReadOnlyList<UsageBucket>>> BetweenAsync(Actor actor, UsageSpan span, string? keyId = null, CancellationToken cancellationToken = default) =>
        usage.ReadAsync<IReadOnlyList<UsageBucket>>(actor, keyId, async (reach, db, _) =>
        {
            var byMinute = span.Interval == UsageInterval.Minute;
            var unit = byMinute ? 1 : UsageTime.MinutesPerHour;
            var (first, end) = (UsageTime.MinuteOf(span.From) / unit, UsageTime.MinuteOf(span.To) / unit);
            var counts = await reach.Rows(db, byMinute).Where(r => r.Time >= first && r.Time < end)
                .GroupBy(r => new { r.Time, r.Code }).Select(g => new { g.Key.Time, g.Key.Code, Count = g.Sum(r => r.Count) }).ToListAsync(cancellationToken);
            var steps = counts.ToLookup(c => span.StepOf(UsageTime.AtMinute(c.Time * unit)));
            return [.. Enumerable.Range(0, span.Edges.Count - 1).Select(i => new UsageBucket(
                span.Edges[i], span.Edges[i + 1], steps[i].GroupBy(c => c.Code).ToDictionary(g => g.Key, g => g.Sum(c => c.Count))))];
        }, cancellationToken);

    /// <summary>The period's totals beside those of the one before.</summary>
    [Needs(Act.ReadUsage)]
    public Task<Outcome<UsageSummary>> SummaryAsync(Actor actor, UsagePeriod period, string? keyId = null, CancellationToken cancellationToken = default) =>
        usage.ReadAsync(actor, keyId, async (reach, db, now) =>
        {
            var before = Between(reach, db, period, period.StartAt(now) - period.Length, now - period.Length);
            return new UsageSummary(
                period,
                await TotalsAsync(Within(reach, db, period, now), cancellationToken),
                await TotalsAsync(before, cancellationToken));
        }, cancellationToken);

    /// <summary>The keys with the most calls, the busiest first.</summary>
    [Needs(Act.ReadUsage)]
    public Task<Outcome<IReadOnlyList<KeyUsage>>> BusiestKeysAsync(Actor actor, UsagePeriod period, int top, CancellationToken cancellationToken = default) =>
        usage.ReadAsync<IReadOnlyList<KeyUsage>>(actor, null, async (reach, db, now) =>
        {
            var busiest = await Within(reach, db, period, now)
                .Where(r => r.KeyId != "")
                .GroupBy(r => r.KeyId)
                .Select(g => new { g.Key, Calls = g.Sum(r => r.Count), Refused = g.Sum(r => r.Code == ValidationCode.Valid ? 0 : r.Count) })
                .OrderByDescending(g => g.Calls).ThenBy(g => g.Key)
                .Take(top)
                .ToListAsync(cancellationToken);
            return busiest.ConvertAll(b => new KeyUsage(b.Key, b.Calls, b.Refused));
        }, cancellationToken);

    /// <summary>Why calls were refused, the most frequent code first, each with the keys it met most.</summary>
    [Needs(Act.ReadUsage)]
    public Task<Outcome<IReadOnlyList<RefusalCount>>> RefusalsAsync(Actor actor, UsagePeriod period, string? keyId = null, CancellationToken cancellationToken = default) =>
        usage.ReadAsync<IReadOnlyList<RefusalCount>>(actor, keyId, async (reach, db, now) =>
        {
            var counts = await Within(reach, db, period, now)
                .Where(r => r.Code != ValidationCode.Valid)
                .GroupBy(r => new { r.Code, r.KeyId })
                .Select(g => new { g.Key.Code, g.Key.KeyId, Count = g.Sum(r => r.Count) })
                .ToListAsync(cancellationToken);
            return counts.GroupBy(c => c.Code)
                .Select(g => new RefusalCount(g.Key, g.Sum(c => c.Count),
                    [.. g.Where(c => c.KeyId.Length > 0).OrderByDescending(c => c.Count).ThenBy(c => c.KeyId).Take(KeysPerRefusal).Select(c => new KeyUsage(c.KeyId, c.Count, c.Count))]))
                .OrderByDescending(r => r.Count).ThenBy(r => r.Code)
                .ToList();
        }, cancellationToken);

    /// <summary>The calls of one key that were answered with <c>valid</c>, by the version of the secret they came with.</summary>
    [Needs(Act.ReadUsage)]
    public Task<Outcome<IReadOnlyDictionary<int, long>>> BySecretAsync(Actor actor, string keyId, UsagePeriod period, CancellationToken cancellationToken = default) =>
        usage.ReadAsync<IReadOnlyDictionary<int, long>>(actor, keyId, async (reach, db, now) =>
            await Within(reach, db, period, now)
                .Where(r => r.Code == ValidationCode.Valid)
                .GroupBy(r => r.SecretVersion)
                .Select(g => new { Version = g.Key, Count = g.Sum(r => r.Count) })
                .ToDictionaryAsync(g => g.Version, g => g.Count, cancellationToken), cancellationToken);

    /// <summary>What the valid calls of one key asked for in the last seven days, and where they came from.</summary>
    [Needs(Act.ReadUsage)]
    public Task<Outcome<KeyTallies>> TalliesAsync(Actor actor, string keyId, CancellationToken cancellationToken = default) =>
        usage.ReadAsync(actor, keyId, async (reach, db, now) =>
        {
            var day = UsageTime.DayOf(now.AddDays(-KeyTallies.Days));
            var calls = await reach.Rows(db, byMinute: false)
                .Where(r => r.Code == ValidationCode.Valid && r.Time >= day * UsageTime.HoursPerDay)
                .SumAsync(r => r.Count, cancellationToken);
            var values = await db.Set<CallTally>()
                .Where(t => t.KeyId == keyId && t.Day >= day)
                .GroupBy(t => new { t.Kind, t.Value })
                .Select(g => new { g.Key.Kind, g.Key.Value, Count = g.Sum(t => t.Count) })
                .ToListAsync(cancellationToken);
            IReadOnlyList<TalliedCalls> Of(TallyKind kind) => [.. values.Where(v => v.Kind == kind).Select(v => new TalliedCalls(v.Value, v.Count))];
            return new KeyTallies(calls, Of(TallyKind.Needed), Of(TallyKind.Address));
        }, cancellationToken);

    /// <summary>
    /// The calls of the last seven days in <see cref="SparklinePoints"/> steps, the last one running, for each of <paramref name="keyIds"/> within the
    /// actor's reach; a key without calls has zeros.
    /// </summary>
    [Needs(Act.ReadUsage)]
    public Task<Outcome<IReadOnlyDictionary<string, IReadOnlyList<long>>>> SparklinesAsync(Actor actor, IReadOnlyCollection<string> keyIds, CancellationToken cancellationToken = default) =>
        usage.ReadAsync<IReadOnlyDictionary<string, IReadOnlyList<long>>>(actor, null, async (reach, db, now) =>
        {
            var running = UsageTime.HourOf(now) / SparklineHours;
            var first = (running - SparklinePoints + 1) * SparklineHours;
            var shown = reach.Narrow(keyIds);
            var lines = shown.ToDictionary(id => id, _ => new long[SparklinePoints]);
            var counts = await reach.Rows(db, byMinute: false)
                .Where(r => shown.Contains(r.KeyId) && r.Time >= first && r.Time < first + (SparklinePoints * SparklineHours))
                .GroupBy(r => new { r.KeyId, Step = (r.Time - first) / SparklineHours })
                .Select(g => new { g.Key.KeyId, g.Key.Step, Count = g.Sum(r => r.Count) })
                .ToListAsync(cancellationToken);
            counts.ForEach(c => lines[c.KeyId][c.Step] = c.Count);
            return lines.ToDictionary(l => l.Key, IReadOnlyList<long> (l) => l.Value);
        }, cancellationToken);

    private static IQueryable<UsageRow> Within(UsageReach reach, UsageDb db, UsagePeriod period, DateTimeOffset now) =>
        Between(reach, db, period, period.StartAt(now), period.StartAt(now) + period.Length);

    private static IQueryable<UsageRow> Between(UsageReach reach, UsageDb db, UsagePeriod period, DateTimeOffset from, DateTimeOffset to)
    {
        var unit = period.IsByMinute ? 1 : UsageTime.MinutesPerHour;
        // To the nearest: half an hour more or less of the period before is in or out, of a week or more.
        var (first, end) = (UsageTime.MinuteOf(from) / unit, (UsageTime.MinuteOf(to) + (unit / 2)) / unit);
        return reach.Rows(db, period.IsByMinute).Where(r => r.Time >= first && r.Time < end);
    }

    private static async Task<UsageTotals> TotalsAsync(IQueryable<UsageRow> rows, CancellationToken cancellationToken)
    {
        var byOutcome = await rows
            .GroupBy(r => r.Code == ValidationCode.Valid)
            .Select(g => new { IsValid = g.Key, Count = g.Sum(r => r.Count) })
            .ToListAsync(cancellationToken);
        return new UsageTotals(byOutcome.Sum(o => o.Count), byOutcome.Where(o => !o.IsValid).Sum(o => o.Count));
    }
}
