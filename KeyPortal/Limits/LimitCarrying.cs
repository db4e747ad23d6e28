namespace KeyPortal.Limits;

/// <summary>What becomes of a key's counters when its limits change: what was spent stays spent.</summary>
internal static class LimitCarrying
{
    public static KeyCounters Redefine(KeyCounters before, in LimitedKey key, LimitMeter meter, QuotaLedger ledger, long stamp)
    {
        var after = KeyCounters.Of(key);
        var were = before.Limits.RateLimits;
        var are = key.Limits.RateLimits;
        var from = Match(were, are);
        for (var i = 0; i < from.Length; i++)
        {
            if (from[i] is { } index)
            {
                after.State(i) = meter.Of(are[i]).Carry(before.State(index), meter.Of(were[index]), stamp);
            }
        }

        if (before is ManyCounters old)
        {
            CarryQuotas(old, after as ManyCounters, ledger);
        }

        return after;
    }

    /// <summary>For each new limit the old one whose count it takes over: that of its name, else (for a renamed one) an old one of its window whose name is gone.</summary>
    private static int?[] Match(ReadOnlySpan<RateLimit> were, ReadOnlySpan<RateLimit> are)
    {
        var from = new int?[are.Length];
        var free = new List<int>();
        for (var old = 0; old < were.Length; old++)
        {
            var index = IndexOf(are, were[old].Name);
            if (index >= 0)
            {
                from[index] = old;
            }
            else
            {
                free.Add(old);
            }
        }

        for (var i = 0; i < are.Length; i++)
        {
            foreach (var old in free)
            {
                if (from[i] is null && were[old].WindowSeconds == are[i].WindowSeconds)
                {
                    from[i] = old;
                    free.Remove(old);
                    break;
                }
            }
        }

        return from;
    }

    private static int IndexOf(ReadOnlySpan<RateLimit> limits, string name)
    {
        for (var i = 0; i < limits.Length; i++)
        {
            if (limits[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }

    private static void CarryQuotas(ManyCounters before, ManyCounters? after, QuotaLedger ledger)
    {
        for (var i = 0; i < before.Quotas.Length; i++)
        {
            var quota = before.Limits.Quotas[i];
            // Noted as still to be written in any case: the counter that was to be asked for it is no more.
            ledger.Leave(before, quota.Period, before.Quotas[i]);
            for (var j = 0; j < (after?.Quotas.Length ?? 0); j++)
            {
                if (after!.Limits.Quotas[j] is var now && now.Period == quota.Period)
                {
                    after.Quotas[j] = before.Quotas[i] with { IsWarned = before.Quotas[i].IsWarned && now == quota };
                }
            }
        }
    }
}
