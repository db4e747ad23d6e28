namespace KeyPortal.Limits;

/// <summary>What became of a call that wanted to pass.</summary>
public enum Acquired
{
    /// <summary>Every limit had room, and all of them are spent.</summary>
    Granted,

    /// <summary>One had no room at least, and none is spent.</summary>
    Refused,

    /// <summary>How much of a quota is used has to be read first; nothing is spent.</summary>
    QuotaUnknown,
}

/// <summary>
/// Counts calls against limits: all or nothing, exact however many ask at once, in memory and on monotonic time. This is the one place that knows what is
/// spent; a node that shares its limits with others would lease its share of a window here.
/// </summary>
/// <remarks>Rate limits are forgotten when the program ends; quotas are kept by <see cref="QuotaUses"/>.</remarks>
public sealed class LimitCounters(TimeProvider clock)
{
    /// <summary>As many limits as one key can have: its own, its tier's, and a quota for each period.</summary>
    public const int MaxStandings = (2 * LimitRules.MaxRateLimits) + LimitRules.MaxQuotas;

    private const int StripeCount = 64;

    private readonly CounterStripe[] _stripes = [.. Enumerable.Range(0, StripeCount).Select(_ => new CounterStripe())];

    private readonly LimitMeter _meter = new(clock.TimestampFrequency);

    /// <summary>What of the quotas still has to reach the disk.</summary>
    internal QuotaLedger Ledger { get; } = new();

    /// <summary>How many keys have something counted.</summary>
    public int Count => _stripes.Sum(s => s.Count);

    /// <summary>
    /// Spends <paramref name="cost"/> (1 or more) on every limit of the key, or on none, and says in <paramref name="standings"/> (at least
    /// <see cref="MaxStandings"/>) where each then stands: first the rate limits, then the quotas of <paramref name="held"/>.
    /// </summary>
    /// <param name="ownOnly">Only what was set on the key itself, not its organization's default.</param>
    public Acquired TryAcquire(in LimitedKey key, long cost, Span<LimitStanding> standings, out KeyLimits held, bool ownOnly = false) =>
        Run(key, cost, spend: true, standings, out held, ownOnly);

    /// <summary>The same without spending anything: could it pass, and where does each limit stand?</summary>
    public Acquired Peek(in LimitedKey key, long cost, Span<LimitStanding> standings, out KeyLimits held, bool ownOnly = false) =>
        Run(key, cost, spend: false, standings, out held, ownOnly);

    private Acquired Run(in LimitedKey key, long cost, bool spend, Span<LimitStanding> standings, out KeyLimits held, bool ownOnly)
    {
        var stripe = StripeOf(key.Id);
        lock (stripe.Changing)
        {
            // Read under the lock, so that no counter ever sees time go back: calls that began before midnight would else take the new day away from those behind it.
            var stamp = clock.GetTimestamp();
            var counters = Find(stripe, key, stamp);
            held = counters.Limits;
            var limits = held.RateLimits[..(ownOnly ? held.OwnRateLimits : held.RateLimits.Length)];
            var quotas = held.Quotas[..(ownOnly ? held.OwnQuotas : held.Quotas.Length)];
            var now = quotas.Length > 0 ? clock.GetUtcNow() : default;
            var fits = true;
            for (var i = 0; i < limits.Length; i++)
            {
                var counting = _meter.Of(limits[i]);
                ref var state = ref counters.State(i);
                counting.Advance(ref state, stamp);
                fits &= counting.Fits(state, cost, stamp);
            }

            if (quotas.Length > 0)
            {
                var many = (ManyCounters)counters;
                if (!AreKnown(many, quotas, now))
                {
                    return Acquired.QuotaUnknown;
                }

                for (var i = 0; i < quotas.Length; i++)
                {
                    fits &= quotas[i].Mode == QuotaMode.Soft || many.Quotas[i].Used <= quotas[i].Limit - cost;
                }
            }

            spend &= fits;
            for (var i = 0; i < limits.Length; i++)
            {
                standings[i] = _meter.Stand(limits[i], ref counters.State(i), cost, spend, stamp);
            }

            for (var i = 0; i < quotas.Length; i++)
            {
                standings[limits.Length + i] = LimitMeter.Stand(quotas[i], ref ((ManyCounters)counters).Quotas[i], cost, spend, now);
            }

            if (spend && quotas.Length > 0)
            {
                stripe.MarkDirty((ManyCounters)counters);
            }

            return fits ? Acquired.Granted : Acquired.Refused;
        }
    }

    /// <summary>Is the use of every quota known for the period of <paramref name="now"/>? Else it is asked for, and what was counted for another period goes to be written.</summary>
    private bool AreKnown(ManyCounters many, ReadOnlySpan<Quota> quotas, DateTimeOffset now)
    {
        many.IsTouched = true;
        var known = true;
        for (var i = 0; i < quotas.Length; i++)
        {
            ref var state = ref many.Quotas[i];
            var number = quotas[i].Period.NumberAt(now);
            if (state.Number != number)
            {
                Ledger.Leave(many, quotas[i].Period, state);
                state = new QuotaState { Number = number };
            }

            known &= state.IsKnown;
        }

        return known;
    }

    private CounterStripe StripeOf(CounterId id) => _stripes[(int)(id.Low & (StripeCount - 1))];

    private KeyCounters Find(CounterStripe stripe, in LimitedKey key, long stamp)
    {
        if (!stripe.Keys.TryGetValue(key.Id, out var counters))
        {
            return stripe.Keys[key.Id] = KeyCounters.Of(key);
        }

        if (ReferenceEquals(counters.Limits, key.Limits) || key.ReadNumber < counters.ReadNumber)
        {
            return counters;
        }

        if (counters.Limits.Equals(key.Limits))
        {
            (counters.Limits, counters.ReadNumber) = (key.Limits, key.ReadNumber);
            return counters;
        }

        return stripe.Keys[key.Id] = LimitCarrying.Redefine(counters, key, _meter, Ledger, stamp);
    }

    /// <summary>Tells how much of a quota was used so far; without effect where that is known already.</summary>
    internal void Tell(in LimitedKey key, QuotaPeriod period, int number, long used)
    {
        var stripe = StripeOf(key.Id);
        lock (stripe.Changing)
        {
            if (stripe.Keys.GetValueOrDefault(key.Id) is ManyCounters many)
            {
                for (var i = 0; i < many.Quotas.Length; i++)
                {
                    ref var state = ref many.Quotas[i];
                    if (many.Limits.Quotas[i].Period == period && state.Number == number && !state.IsKnown)
                    {
                        (state.Used, state.IsKnown) = (used, true);
                    }
                }
            }
        }
    }

    /// <summary>Takes away how much is used of every quota that was spent since. One caller at a time.</summary>
    internal QuotaBatch TakeQuotas()
    {
        var batch = Ledger.Begin();
        foreach (var stripe in _stripes)
        {
            lock (stripe.Changing)
            {
                foreach (var many in stripe.Dirty)
                {
                    batch.Add(many);
                }

                stripe.Dirty.Clear();
            }
        }

        return batch;
    }

    /// <summary>Forgets the counters that would say the same if they were made anew: nothing spent any more, and no quota that was used lately, is not written, or has warned in this period.</summary>
    internal void Sweep()
    {
        foreach (var stripe in _stripes)
        {
            lock (stripe.Changing)
            {
                var stamp = clock.GetTimestamp();
                foreach (var (id, counters) in stripe.Keys)
                {
                    if (IsIdle(counters, stamp))
                    {
                        stripe.Keys.Remove(id);
                    }
                }

                if (stripe.Keys.Count < stripe.Keys.Capacity / 4)
                {
                    stripe.Keys.TrimExcess();
                }
            }
        }
    }

    /// <summary>That a quota's warning was told is nowhere but here, and it is told once a period.</summary>
    private static bool HasWarned(ManyCounters many, DateTimeOffset now)
    {
        for (var i = 0; i < many.Quotas.Length; i++)
        {
            if (many.Quotas[i].IsWarned && many.Quotas[i].Number == many.Limits.Quotas[i].Period.NumberAt(now))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsIdle(KeyCounters counters, long stamp)
    {
        if (counters is ManyCounters { Quotas.Length: > 0 } many)
        {
            var rests = !many.IsTouched && !Ledger.IsUnwritten(many) && !HasWarned(many, clock.GetUtcNow());
            many.IsTouched = false;
            if (!rests)
            {
                return false;
            }
        }

        for (var i = 0; i < counters.Limits.RateLimits.Length; i++)
        {
            ref var state = ref counters.State(i);
            _meter.Of(counters.Limits.RateLimits[i]).Advance(ref state, stamp);
            if ((state.Low | state.High) != 0)
            {
                return false;
            }
        }

        return true;
    }
}
