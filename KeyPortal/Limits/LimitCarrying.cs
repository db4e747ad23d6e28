namespace KeyPortal.Limits;

/// <summary>
/// What becomes of a key's counters when its limits change: what was spent stays spent. A limit that goes on keeps its own. One that is new or changed begins with
/// the most that it has itself, from when it last held, or that any other has in whose place it stands; these go on being counted as <see cref="FormerLimit"/>s
/// while something tells of what was spent when they held.
/// </summary>
internal static class LimitCarrying
{
    public static KeyCounters Redefine(KeyCounters before, in LimitedKey key, LimitMeter meter, QuotaLedger ledger, long stamp)
    {
        var limits = key.Limits;
        var are = limits.RateLimits;
        var successors = Match(before.Limits.RateLimits, are);
        var spent = Spent(before, are, successors, meter, stamp);
        var after = KeyCounters.Of(key, [.. spent.Where(f => f.Successor < 0 || !meter.Of(limits.RateLimits[f.Successor]).Knows(meter.Of(f.Limit))).Take(FormerLimit.Most)]);
        for (var i = 0; i < are.Length; i++)
        {
            var (place, counting) = (i, meter.Of(are[i]));
            ref var state = ref after.State(i);
            var predecessor = Array.IndexOf(successors, place);
            if (predecessor >= 0 && meter.Of(before.Limits.RateLimits[predecessor]) is var was && counting.Knows(was))
            {
                // It goes on, and has taken over already what it had to.
                counting.TakeOver(ref state, before.State(predecessor), was, stamp);
                continue;
            }

            // Its own first, whose windows it keeps to.
            foreach (var former in spent.Where(f => f.Successor == place).OrderByDescending(f => counting.Knows(meter.Of(f.Limit))))
            {
                counting.TakeOver(ref state, former.State, meter.Of(former.Limit), stamp);
            }
        }

        if (before is ManyCounters old)
        {
            CarryQuotas(old, after as ManyCounters, ledger);
        }

        return after;
    }

    /// <summary>All limits of which something is spent, the newest first, each with the place of the limit that takes it over.</summary>
    private static List<FormerLimit> Spent(KeyCounters before, ReadOnlySpan<RateLimit> are, int[] successors, LimitMeter meter, long stamp)
    {
        var were = before.Limits.RateLimits;
        List<FormerLimit> all = [];
        for (var i = 0; i < were.Length; i++)
        {
            all.Add(new FormerLimit(successors[i], were[i], before.State(i), stamp + meter.Of(were[i]).Tells));
        }

        foreach (var former in (before as ManyCounters)?.Formers ?? [])
        {
            all.Add(former with { Successor = former.Successor >= 0 ? successors[former.Successor] : IndexOf(are, former.Limit.Name) });
        }

        List<FormerLimit> spent = [];
        foreach (var one in all)
        {
            var former = one;
            if (!meter.IsOver(ref former, stamp))
            {
                spent.Add(former with { Limit = former.Successor < 0 ? former.Limit : former.Limit with { Name = are[former.Successor].Name } });
            }
        }

        return spent;
    }

    /// <summary>For each old limit the new one that takes its count over: that of its name, else (for a renamed one) a new one of its window whose name is new; -1 for none.</summary>
    private static int[] Match(ReadOnlySpan<RateLimit> were, ReadOnlySpan<RateLimit> are)
    {
        var successors = new int[were.Length];
        for (var old = 0; old < were.Length; old++)
        {
            successors[old] = IndexOf(are, were[old].Name);
        }

        for (var i = 0; i < are.Length; i++)
        {
            for (var old = 0; old < were.Length && !successors.Contains(i); old++)
            {
                if (successors[old] < 0 && were[old].WindowSeconds == are[i].WindowSeconds)
                {
                    successors[old] = i;
                }
            }
        }

        return successors;
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
                if (after!.Limits.Quotas[j].Period == quota.Period)
                {
                    after.Quotas[j] = before.Quotas[i];
                }
            }
        }
    }
}
