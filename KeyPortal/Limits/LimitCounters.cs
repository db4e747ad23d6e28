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
public sealed class LimitCounters
{
    /// <summary>As many limits as one key can have: its own, its tier's, and a quota for each period.</summary>
    public const int MaxStandings = (2 * LimitRules.MaxRateLimits) + LimitRules.MaxQuotas;

    private const int StripeCount = 64;

    private readonly CounterStripe[] _stripes = [.. Enumerable.Range(0, StripeCount).Select(_ => new CounterStripe())];

    private readonly TimeProvider _clock;

    private readonly LimitMeter _meter;

    private readonly IdleCounters _idle;

    private long _asked;

    public LimitCounters(TimeProvider clock)
    {
        _clock = clock;
        _meter = new LimitMeter(clock.TimestampFrequency);
        _idle = new IdleCounters(_meter, Ledger);
    }

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

    /// <summary>
    /// Asks for several calls at one moment, in their order, as if no other came between: each gets a report, and what it says is spent is spent. Where quotas have to be
    /// read first (of the calls that spend) nothing is spent, and these are returned.
    /// </summary>
    internal IReadOnlyList<(LimitedKey Key, KeyLimits Held)> TryAll(IReadOnlyList<LimitedAsk> asks, Span<LimitReport?> reports)
    {
        List<(LimitedKey, KeyLimits)> unread = [];
        CounterStripe[] stripes = [.. asks.Select(a => (int)(a.Call.Key.Id.Low & (StripeCount - 1))).Distinct().Order().Select(i => _stripes[i])];
        var entered = 0;
        try
        {
            for (; entered < stripes.Length; entered++)
            {
                stripes[entered].Changing.Enter();
            }

            var (stamp, now) = (_clock.GetTimestamp(), _clock.GetUtcNow());
            // All first, for of two readings of one key the newer holds for both.
            foreach (var ask in asks)
            {
                Find(StripeOf(ask.Call.Key.Id), ask.Call.Key, stamp);
            }

            foreach (var ask in asks)
            {
                var key = ask.Call.Key;
                if (ask.Spends && StripeOf(key.Id).Keys[key.Id] is ManyCounters many && !AreKnown(many, many.Limits.Quotas, now))
                {
                    unread.Add((key, many.Limits));
                }
            }

            Span<LimitStanding> standings = stackalloc LimitStanding[MaxStandings];
            for (var i = 0; i < asks.Count && unread.Count == 0; i++)
            {
                var call = asks[i].Call;
                var acquired = Decide(StripeOf(call.Key.Id), call.Key, stamp, call.Cost, asks[i].Spends, standings, out var held, ownOnly: false, now);
                reports[i] = LimitReport.Of(acquired, held, standings, ownOnly: false, now);
            }
        }
        finally
        {
            while (entered > 0)
            {
                stripes[--entered].Changing.Exit();
            }
        }

        return unread;
    }

    private Acquired Run(in LimitedKey key, long cost, bool spend, Span<LimitStanding> standings, out KeyLimits held, bool ownOnly)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cost, 1);
        var stripe = StripeOf(key.Id);
        lock (stripe.Changing)
        {
            // Read under the lock, so that no counter ever sees time go back: calls that began before midnight would else take the new day away from those behind it.
            return Decide(stripe, key, _clock.GetTimestamp(), cost, spend, standings, out held, ownOnly);
        }
    }

    /// <summary>The stripe is locked, and <paramref name="stamp"/> was read since, as was <paramref name="at"/>, without which the clock is read where there are quotas.</summary>
    private Acquired Decide(CounterStripe stripe, in LimitedKey key, long stamp, long cost, bool spend, Span<LimitStanding> standings, out KeyLimits held, bool ownOnly, DateTimeOffset? at = null)
    {
        var counters = Find(stripe, key, stamp);
        held = counters.Limits;
        var limits = held.RateLimits[..(ownOnly ? held.OwnRateLimits : held.RateLimits.Length)];
        var quotas = held.Quotas[..(ownOnly ? held.OwnQuotas : held.Quotas.Length)];
        var now = quotas.Length > 0 ? at ?? _clock.GetUtcNow() : default;
        var fits = true;
        for (var i = 0; i < limits.Length; i++)
        {
            var counting = _meter.Of(limits[i]);
            ref var state = ref counters.State(i);
            counting.Advance(ref state, stamp);
            fits &= counting.Fits(state, cost, stamp);
        }

        var many = counters as ManyCounters;
        if (quotas.Length > 0 && !AreKnown(many!, quotas, now))
        {
            return Acquired.QuotaUnknown;
        }

        for (var i = 0; i < quotas.Length; i++)
        {
            fits &= quotas[i].Mode == QuotaMode.Soft || many!.Quotas[i].Used <= quotas[i].Limit - cost;
        }

        spend &= fits;
        for (var i = 0; i < limits.Length; i++)
        {
            standings[i] = _meter.Stand(limits[i], ref counters.State(i), cost, spend, stamp);
        }

        for (var i = 0; i < quotas.Length; i++)
        {
            standings[limits.Length + i] = LimitMeter.Stand(quotas[i], ref many!.Quotas[i], cost, spend, now);
        }

        if (spend && many is not null)
        {
            _meter.Pour(many.Formers, limits.Length, cost, stamp);
            if (quotas.Length > 0)
            {
                stripe.MarkDirty(many);
            }
        }

        return fits ? Acquired.Granted : Acquired.Refused;
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
                state = new QuotaState { Number = number, UnknownSince = Interlocked.Increment(ref _asked) };
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

        if (key.ReadNumber < counters.ReadNumber || (key.ReadNumber == counters.ReadNumber && ReferenceEquals(counters.Limits, key.Limits)))
        {
            return counters;
        }

        if (ReferenceEquals(counters.Limits, key.Limits) || counters.Limits.Equals(key.Limits))
        {
            (counters.Limits, counters.ReadNumber) = (key.Limits, key.ReadNumber);
            return counters;
        }

        return stripe.Keys[key.Id] = LimitCarrying.Redefine(counters, key, _meter, Ledger, stamp);
    }

    /// <summary>How often the use of a quota had to be asked for. What is read after this was read answers all of them.</summary>
    internal long Asked => Interlocked.Read(ref _asked);

    /// <summary>
    /// Tells how much of a quota was used so far; without effect where that is known already, and where it was asked for anew since the reading began: what was
    /// used in between would be forgotten.
    /// </summary>
    /// <param name="asked"><see cref="Asked"/> before the reading began.</param>
    internal void Tell(in LimitedKey key, QuotaPeriod period, int number, QuotaTotal total, long asked)
    {
        var stripe = StripeOf(key.Id);
        lock (stripe.Changing)
        {
            if (stripe.Keys.GetValueOrDefault(key.Id) is ManyCounters many)
            {
                for (var i = 0; i < many.Quotas.Length; i++)
                {
                    ref var state = ref many.Quotas[i];
                    if (many.Limits.Quotas[i].Period == period && state.Number == number && !state.IsKnown && state.UnknownSince <= asked)
                    {
                        (state.Used, state.WarnedFrom, state.IsKnown) = (total.Used, total.WarnedFrom, true);
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

    /// <summary>Forgets the counters that would say the same if they were made anew: nothing spent any more, and no quota that was used lately or is not written.</summary>
    internal void Sweep()
    {
        foreach (var stripe in _stripes)
        {
            lock (stripe.Changing)
            {
                var stamp = _clock.GetTimestamp();
                foreach (var (id, counters) in stripe.Keys)
                {
                    if (_idle.Is(counters, stamp))
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
}
