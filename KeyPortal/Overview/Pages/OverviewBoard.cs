using KeyPortal.Components;
using KeyPortal.Keys;
using KeyPortal.Keys.Pages;
using KeyPortal.Keys.Policies;
using KeyPortal.Primitives;
using KeyPortal.Usage;

namespace KeyPortal.Overview.Pages;

/// <summary>Something that asks for a person: what happened, to which key, and where to act on it.</summary>
public sealed record Concern(string Tone, string Title, string Sentence, string Address);

/// <summary>A key among the busiest, with the shape of its last seven days.</summary>
public sealed record BusyKey(KeyView Key, KeyUsage Usage, IReadOnlyList<long> Sparkline);

/// <summary>Everything the overview shows of one period, as far as the actor may see.</summary>
public sealed record OverviewBoard(
    UsageSummary Summary, UsageSeries Series, KeyCounts Counts, IReadOnlyList<BusyKey> Busiest, IReadOnlyList<RefusalCount> Refusals, IReadOnlyList<Concern> Concerns, bool EverCalled)
{
    public bool IsFirstDays => Counts.Total == 0 || !EverCalled;
}

/// <summary>Reads the overview.</summary>
public sealed class OverviewReader(UsageQueries usage, KeyQueries keys, RotationQueries rotations, KeyApproval approval, TimeProvider clock)
{
    private const int Busiest = 5;
    private const int MostConcerns = 5;
    private static readonly TimeSpan Unused = TimeSpan.FromDays(60);

    [Needs(Act.ReadUsage)]
    public async Task<Outcome<OverviewBoard>> ReadAsync(Actor actor, UsagePeriod period, CancellationToken cancellationToken = default)
    {
        var summary = await usage.SummaryAsync(actor, period, cancellationToken: cancellationToken);
        if (summary.Refusal is { } refusal)
        {
            return refusal;
        }

        var series = (await usage.SeriesAsync(actor, period, cancellationToken: cancellationToken)).Value;
        var refusals = (await usage.RefusalsAsync(actor, period, cancellationToken: cancellationToken)).Value;
        var busiest = (await usage.BusiestKeysAsync(actor, period, Busiest, cancellationToken)).Value;
        var counts = (await keys.CountAsync(actor, cancellationToken)).Value;
        var named = refusals.SelectMany(r => r.TopKeys).Concat(busiest).Select(u => u.KeyId).ToHashSet(StringComparer.Ordinal);
        var known = (await keys.FindManyAsync(actor, named, cancellationToken)).ToDictionary(k => k.Id);
        var lines = (await usage.SparklinesAsync(actor, [.. busiest.Select(b => b.KeyId)], cancellationToken)).Value;
        var concerns = (await WaitingAsync(actor, cancellationToken)).Concat(StillCalled(refusals, known, period)).Concat(await DeadlinesAsync(actor, cancellationToken)).Concat(await UnusedAsync(actor, cancellationToken));
        return new OverviewBoard(
            summary.Value,
            series,
            counts,
            [.. busiest.Where(b => known.ContainsKey(b.KeyId)).Select(b => new BusyKey(known[b.KeyId], b, lines.GetValueOrDefault(b.KeyId, [])))],
            refusals,
            [.. concerns.Take(MostConcerns)],
            EverCalled: summary.Value.Current.Calls > 0 || (await usage.SummaryAsync(actor, UsagePeriod.Days90, cancellationToken: cancellationToken)).Value.Current.Calls > 0);
    }

    /// <summary>Keys that wait for this person's approval: somebody is waiting with them.</summary>
    private async Task<IEnumerable<Concern>> WaitingAsync(Actor actor, CancellationToken cancellationToken) => !actor.May(Act.ApproveKeys) ? [] :
        (await approval.WaitingAsync(actor, MostConcerns, cancellationToken)).Value.Select(key => new Concern(
            "warning",
            "Waits for your approval",
            $"{key.OwnerName} asks for {key.Name}, a live key with {string.Join(", ", key.Scopes.Take(3))}{(key.Scopes.Count > 3 ? " and more" : "")}",
            $"/keys/{key.Id}"));

    /// <summary>Keys that are over and are presented all the same: somebody's system is broken, or a thief is trying.</summary>
    private static IEnumerable<Concern> StillCalled(IReadOnlyList<RefusalCount> refusals, Dictionary<string, KeyView> known, UsagePeriod period) =>
        from refusal in refusals
        let words = refusal.Code switch
        {
            ValidationCode.Revoked => "Called after revocation",
            ValidationCode.Expired => "Called after expiry",
            ValidationCode.Disabled => "Called while disabled",
            _ => null,
        }
        where words is not null
        from key in refusal.TopKeys
        where known.ContainsKey(key.KeyId)
        orderby refusal.Code
        select new Concern(
            refusal.Code == ValidationCode.Revoked ? "bad" : "warning",
            words,
            $"{known[key.KeyId].Name} was refused {KeyWords.Count(key.Refused, "time", "times")} in {PeriodWords.Span(period)}",
            $"/keys/{key.KeyId}");

    /// <summary>What expires and what should be rotated, in the order of time.</summary>
    private async Task<IEnumerable<Concern>> DeadlinesAsync(Actor actor, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var expiring = await ExpiringAsync(actor, now, cancellationToken);
        var due = (await rotations.DueByAsync(actor, now + KeyStanding.Soon, MostConcerns, cancellationToken)).Value
            .Where(key => KeyStanding.RotatesSoon(key, now))
            .Select(key => (key.RotationDueAt!.Value, new Concern("warning", RotationWords.Of(key.RotationDueAt.Value, now), $"{key.Name}, its secret is {Days(now - (key.RotatedAt ?? key.CreatedAt))} old", $"/keys/{key.Id}?tab=secrets")));
        return expiring.Concat(due).OrderBy(d => d.Item1).Select(d => d.Item2);
    }

    private async Task<IEnumerable<(DateTimeOffset At, Concern Concern)>> ExpiringAsync(Actor actor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var soon = new KeyFilter { Status = KeyStatus.Active, ExpiresBefore = now + KeyStanding.Soon, Sort = KeySort.ExpiresAt, Descending = false };
        return (await keys.ListAsync(actor, soon, MostConcerns, cursor: null, cancellationToken)).Value.Items.Select(key => (key.ExpiresAt!.Value, new Concern(
            "warning",
            $"Expires in {Days(key.ExpiresAt!.Value - now)}",
            key.LastUsedAt is { } used ? $"{key.Name}, last used {Days(now - used)} ago" : $"{key.Name}, never used",
            $"/keys/{key.Id}")));
    }

    private async Task<IEnumerable<Concern>> UnusedAsync(Actor actor, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var idle = new KeyFilter { Status = KeyStatus.Active, LastUsedBefore = now - Unused, Sort = KeySort.LastUsedAt, Descending = false };
        return (await keys.ListAsync(actor, idle, MostConcerns, cursor: null, cancellationToken)).Value.Items
            .Where(key => key.CreatedAt < now - Unused)
            .Select(key => new Concern(
                "warning",
                key.LastUsedAt is { } used ? $"Unused for {Days(now - used)}" : $"Never used in {Days(now - key.CreatedAt)}",
                key.Scopes.Count == 0 ? $"{key.Name} holds no scope" : $"{key.Name} still holds {string.Join(", ", key.Scopes.Take(3))}{(key.Scopes.Count > 3 ? " and more" : "")}",
                $"/keys/{key.Id}"));
    }

    private static string Days(TimeSpan span) => span switch
    {
        { TotalMinutes: < 60 } => KeyWords.Count((long)Math.Ceiling(span.TotalMinutes), "minute", "minutes"),
        { TotalHours: < 48 } => KeyWords.Count((long)span.TotalHours, "hour", "hours"),
        _ => $"{span.TotalDays:N0} days",
    };
}

/// <summary>Periods in words.</summary>
public static class PeriodWords
{
    public static string Span(UsagePeriod period) => period == UsagePeriod.Hours24 ? "the last 24 hours" : $"the last {period.Length.TotalDays:N0} days";

    public static string Button(UsagePeriod period) => period == UsagePeriod.Hours24 ? "24 h" : $"{period.Length.TotalDays:N0} d";
}
