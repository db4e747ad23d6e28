namespace KeyPortal.Limits;

/// <summary>Tells which counters would say the same if they were made anew. Their stripe is locked.</summary>
internal sealed class IdleCounters(LimitMeter meter, QuotaLedger ledger)
{
    public bool Is(KeyCounters counters, long stamp)
    {
        var many = counters as ManyCounters;
        if (many is { Formers.Length: > 0 } && AreEmpty(many.Formers, stamp))
        {
            many.Formers = [];
        }

        if (many is { Quotas.Length: > 0 })
        {
            var rests = !many.IsTouched && !ledger.IsUnwritten(many);
            many.IsTouched = false;
            if (!rests)
            {
                return false;
            }
        }

        for (var i = 0; i < counters.Limits.RateLimits.Length; i++)
        {
            if (!IsEmpty(counters.Limits.RateLimits[i], ref counters.State(i), stamp))
            {
                return false;
            }
        }

        return many is null or { Formers.Length: 0 };
    }

    private bool AreEmpty(FormerLimit[] formers, long stamp)
    {
        for (var i = 0; i < formers.Length; i++)
        {
            if (!meter.IsOver(ref formers[i], stamp))
            {
                return false;
            }
        }

        return true;
    }

    private bool IsEmpty(RateLimit limit, ref CounterState state, long stamp)
    {
        meter.Of(limit).Advance(ref state, stamp);
        return state.IsEmpty;
    }
}
