using System.Collections.Concurrent;

namespace KeyPortal.Limits;

/// <summary>
/// Knows which quotas' use is on the disk. A counter may go only when its use is; what a counter no longer holds (its period is over, its quota was taken off
/// the key) is kept here until it is written.
/// </summary>
internal sealed class QuotaLedger
{
    private readonly ConcurrentDictionary<QuotaKey, long> _leaving = new();
    private long _begun;
    private long _written;

    public bool IsUnwritten(ManyCounters many) => many.IsDirty || many.TakenIn > Volatile.Read(ref _written);

    /// <summary>Keeps what is about to be forgotten in its counter.</summary>
    public void Leave(ManyCounters many, QuotaPeriod period, in QuotaState state)
    {
        if (state.IsKnown && state.Used > 0 && IsUnwritten(many))
        {
            var used = state.Used;
            _leaving.AddOrUpdate(new QuotaKey(many.KeyId, period, state.Number), used, (_, before) => Math.Max(before, used));
        }
    }

    /// <summary>How much was used of a quota that may not be on the disk yet though no counter holds it any more; 0 for nothing. To be asked before the disk is.</summary>
    public long Leaving(in QuotaKey quota) => _leaving.GetValueOrDefault(quota);

    /// <summary>A batch with all that was left here; the counters add theirs.</summary>
    public QuotaBatch Begin() => new(++_begun, new Dictionary<QuotaKey, long>(_leaving));

    /// <summary>Everything up to and with this batch is on the disk.</summary>
    public void Written(QuotaBatch batch)
    {
        foreach (var quota in batch.Used)
        {
            _leaving.TryRemove(quota);
        }

        Volatile.Write(ref _written, batch.Number);
    }
}

/// <summary>How much is used of some quotas, on its way to the disk: totals and no increments, so that writing one twice does no harm.</summary>
internal sealed record QuotaBatch(long Number, Dictionary<QuotaKey, long> Used)
{
    /// <summary>Takes a counter's quotas. Its stripe is locked.</summary>
    public void Add(ManyCounters many)
    {
        (many.IsDirty, many.TakenIn) = (false, Number);
        for (var i = 0; i < many.Quotas.Length; i++)
        {
            if (many.Quotas[i] is { IsKnown: true, Used: > 0 } state)
            {
                Raise(new QuotaKey(many.KeyId, many.Limits.Quotas[i].Period, state.Number), state.Used);
            }
        }
    }

    /// <summary>Takes over a batch that could not be written.</summary>
    public void Add(QuotaBatch earlier)
    {
        foreach (var (quota, used) in earlier.Used)
        {
            Raise(quota, used);
        }
    }

    private void Raise(in QuotaKey quota, long used) => Used[quota] = Math.Max(used, Used.GetValueOrDefault(quota));
}
