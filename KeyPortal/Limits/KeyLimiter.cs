using KeyPortal.Primitives;

namespace KeyPortal.Limits;

/// <summary>Holds calls against all limits of their key.</summary>
public sealed class KeyLimiter(LimitCounters counters, QuotaUses quotas, LimitWarnings warnings, LimitViolations violations, TimeProvider clock)
{
    /// <summary>The clock may pass midnight while a quota is read; not twice.</summary>
    private const int MostReads = 3;

    /// <summary>Spends the call's cost on every limit of the key, or on none; the report says which. Null for a key without limits.</summary>
    /// <param name="ownOnly">Only what was set on the key itself, not its organization's default.</param>
    /// <exception cref="StorageUnavailableException">How much of a quota is used is not in memory, and the database does not answer.</exception>
    public ValueTask<LimitReport?> AcquireAsync(LimitedCall call, bool ownOnly = false, CancellationToken cancellationToken = default)
    {
        var limits = call.Key.Limits;
        if (ownOnly ? limits.OwnCount == 0 : limits.Count == 0)
        {
            return new ValueTask<LimitReport?>((LimitReport?)null);
        }

        var report = Try(call, spend: true, ownOnly, out var held);
        if (report is null)
        {
            return AcquireSlowlyAsync(call, held, ownOnly, cancellationToken);
        }

        Note(call, report);
        return new ValueTask<LimitReport?>(report);
    }

    /// <summary>
    /// The same of several calls at one moment and in their order; of those that spend nothing a look, as <see cref="PeekNow"/>. Each has its report in the order of <paramref name="asks"/>, or
    /// none has spent anything.
    /// </summary>
    /// <exception cref="StorageUnavailableException">As above, of any of the calls that spend.</exception>
    public async ValueTask<IReadOnlyList<LimitReport?>> AcquireAllAsync(IReadOnlyList<LimitedAsk> asks, CancellationToken cancellationToken = default)
    {
        var reports = new LimitReport?[asks.Count];
        List<int> limited = [.. asks.Index().Where(a => a.Item.Call.Key.Limits.Count > 0).Select(a => a.Index)];
        List<LimitedAsk> wanted = limited.ConvertAll(i => asks[i]);
        for (var reads = 0; reads <= MostReads; reads++)
        {
            var told = new LimitReport?[wanted.Count];
            var unread = counters.TryAll(wanted, told);
            if (unread.Count == 0)
            {
                for (var i = 0; i < told.Length; i++)
                {
                    reports[limited[i]] = told[i];
                    if (wanted[i].Spends)
                    {
                        Note(wanted[i].Call with { Now = told[i]!.At }, told[i]!);
                    }
                }

                return reports;
            }

            foreach (var (key, held) in unread.DistinctBy(u => u.Key.Id))
            {
                await quotas.LoadAsync(key, held, clock.GetUtcNow(), cancellationToken);
            }
        }

        throw new InvalidOperationException("The quotas of the keys changed faster than they could be read.");
    }

    /// <summary>Where the key's limits stand and whether the call could pass; spends nothing. Null for a key without limits, and where a quota would have to be read first.</summary>
    /// <param name="ownOnly">Only what was set on the key itself, not its organization's default.</param>
    public LimitReport? PeekNow(in LimitedCall call, bool ownOnly = false) =>
        (ownOnly ? call.Key.Limits.OwnCount : call.Key.Limits.Count) == 0 ? null : Try(call, spend: false, ownOnly, out _);

    /// <summary>Where the key's limits stand and whether the call could pass; spends nothing. Null for a key without limits.</summary>
    /// <exception cref="StorageUnavailableException">As above.</exception>
    public async ValueTask<LimitReport?> PeekAsync(LimitedCall call, CancellationToken cancellationToken = default)
    {
        if (call.Key.Limits.Count == 0)
        {
            return null;
        }

        var report = Try(call, spend: false, ownOnly: false, out var held);
        for (var reads = 0; report is null && reads < MostReads; reads++)
        {
            call = call with { Now = clock.GetUtcNow() };
            await quotas.LoadAsync(call.Key, held, call.Now, cancellationToken);
            report = Try(call, spend: false, ownOnly: false, out held);
        }

        return report;
    }

    private async ValueTask<LimitReport?> AcquireSlowlyAsync(LimitedCall call, KeyLimits held, bool ownOnly, CancellationToken cancellationToken)
    {
        for (var reads = 0; reads < MostReads; reads++)
        {
            // Of now and not of when the call began: the counters go by the clock, and what was waited for may be another day.
            call = call with { Now = clock.GetUtcNow() };
            await quotas.LoadAsync(call.Key, held, call.Now, cancellationToken);
            if (Try(call, spend: true, ownOnly, out held) is { } report)
            {
                Note(call, report);
                return report;
            }
        }

        throw new InvalidOperationException($"The quotas of {call.Key.KeyId} changed faster than they could be read.");
    }

    /// <summary>Null where a quota has to be read first.</summary>
    private LimitReport? Try(in LimitedCall call, bool spend, bool ownOnly, out KeyLimits held)
    {
        Span<LimitStanding> standings = stackalloc LimitStanding[LimitCounters.MaxStandings];
        var acquired = spend
            ? counters.TryAcquire(call.Key, call.Cost, standings, out held, ownOnly)
            : counters.Peek(call.Key, call.Cost, standings, out held, ownOnly);
        return LimitReport.Of(acquired, held, standings, ownOnly, call.Now);
    }

    private void Note(in LimitedCall call, LimitReport report)
    {
        for (var i = 0; i < report.Standings.Length; i++)
        {
            var standing = report.Standings[i];
            if (standing.Is(LimitMarks.FirstNear))
            {
                warnings.Add(new LimitNear(call.OrganizationId, call.Key.KeyId, report.NameOf(i), standing, call.Now));
            }

            if (standing.Is(LimitMarks.Refused))
            {
                violations.Add(call.OrganizationId, call.Key.KeyId, report.NameOf(i), call.Ip, call.Now);
            }
        }
    }
}

/// <summary>A call that wants to pass: whose, what it costs (1 or more), from where, and when by the wall clock.</summary>
public readonly record struct LimitedCall(string OrganizationId, LimitedKey Key, long Cost, string? Ip, DateTimeOffset Now);

/// <summary>One of several calls that are decided together: one that spends where it passes, or a look.</summary>
public readonly record struct LimitedAsk(LimitedCall Call, bool Spends);
