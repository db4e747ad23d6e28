using System.Collections.Concurrent;

namespace KeyPortal.Limits;

/// <summary>
/// Knows which quotas' use is on the disk. A counter may go only when its use is; what a counter no longer holds (its period is over, its quota was taken off
/// the key) is kept here until it is written.
/// </summary>
internal sealed class QuotaLedger
{
    private readonly ConcurrentDictionary<QuotaKey, QuotaTotal> _leaving = new();
    private long _begun;
    private long _written;

    public bool IsUnwritten(ManyCounters many) => many.IsDirty || many.TakenIn > Volatile.Read(ref _written);

    /// <summary>Keeps what is about to be forgotten in its counter.</summary>
    public void Leave(ManyCounters many, QuotaPeriod period, in QuotaState state)
    {
        if (state.IsKnown && state.Used > 0 && IsUnwritten(many))
        {
            var total = state.Total;
            _leaving.AddOrUpdate(new QuotaKey(many.KeyId, period, state.Number), total, (_, before) => QuotaTotal.Newer(before, total));
        }
    }

    /// <summary>How much was used of a quota that may not be on the disk yet though no counter holds it any more; zero for nothing. To be asked before the disk is.</summary>
    public QuotaTotal Leaving(in QuotaKey quota) => _leaving.GetValueOrDefault(quota);

    /// <summary>A batch with all that was left here; the counters add theirs.</summary>
    public QuotaBatch Begin() => new(++_begun, new Dictionary<QuotaKey, QuotaTotal>(_leaving));

    /// <summary>Everything up to and with this batch is on the disk.</summary>
    public void Written(QuotaBatch batch)
    {
        foreach (var quota in batch.Totals)
        {
            _leaving.TryRemove(quota);
        }

        Volatile.Write(ref _written, batch.Number);
    }
}

/// <summary>How much is used of some quotas, on its way to the disk: totals and no increments, so that writing one twice does no harm.</summary>
internal sealed record QuotaBatch(long Number, Dictionary<QuotaKey, QuotaTotal> Totals)
{
    /// <summary>Takes a counter's quotas. Its stripe is locked.</summary>
    public void Add(ManyCounters many)
    {
        (many.IsDirty, many.TakenIn) = (false, Number);
        for (var i = 0; i < many.Quotas.Length; i++)
        {
            if (many.Quotas[i] is { IsKnown: true, Used: > 0 } state)
            {
                Raise(new QuotaKey(many.KeyId, many.Limits.Quotas[i].Period, state.Number), state.Total);
            }
        }
    }

    /// <summary>Takes over a batch that could not be written.</summary>
    public void Add(QuotaBatch earlier)
    {
        foreach (var (quota, total) in earlier.Totals)
        {
            Raise(quota, total);
        }
    }

    private void Raise(in QuotaKey quota, in QuotaTotal total) => Totals[quota] = QuotaTotal.Newer(total, Totals.GetValueOrDefault(quota));
}
