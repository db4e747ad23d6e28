namespace KeyPortal.Limits;

/// <summary>What is remembered of one rate limit of one key; what the numbers mean is the algorithm's to say. All zero: nothing spent.</summary>
internal struct CounterState
{
    /// <summary>A monotonic timestamp.</summary>
    public long At;

    public ulong Low;

    public ulong High;

    /// <summary>When, or in which window, a warning was told last (see <see cref="Counting.MarkWarned"/>); 0 for never.</summary>
    public uint WarnedIn;

    public readonly bool IsEmpty => (Low | High) == 0;

    /// <summary>The two halves as one number.</summary>
    public UInt128 Wide
    {
        readonly get => new(High, Low);
        set => (High, Low) = ((ulong)(value >> 64), (ulong)value);
    }
}

/// <summary>
/// One rate limit's arithmetic, exact in whole numbers: <paramref name="limit"/> calls in <paramref name="window"/> timestamps. Every method takes a state that
/// <see cref="Advance"/> has brought to the moment.
/// </summary>
internal readonly struct Counting(LimitAlgorithm algorithm, long limit, long window)
{
    public static Counting Of(RateLimit limit, long frequency) => new(limit.Algorithm, limit.Limit, limit.WindowSeconds * frequency);

    /// <summary>Brings the state from the moment it was last seen to <paramref name="now"/>; a time before that counts as that time.</summary>
    public void Advance(ref CounterState state, long now)
    {
        switch (algorithm)
        {
            case LimitAlgorithm.TokenBucket:
                TokenBucket.Advance(ref state, limit, now);
                break;
            case LimitAlgorithm.FixedWindow:
                FixedWindow.Advance(ref state, window, now);
                break;
            default:
                SlidingWindow.Advance(ref state, window, now);
                break;
        }
    }

    /// <summary>How much of the limit is used, rounded up.</summary>
    public long Used(in CounterState state, long now) => algorithm switch
    {
        LimitAlgorithm.TokenBucket => TokenBucket.Used(state, window),
        LimitAlgorithm.FixedWindow => (long)state.Low,
        _ => SlidingWindow.Used(state, window, now),
    };

    public bool Fits(in CounterState state, long cost, long now) => algorithm switch
    {
        LimitAlgorithm.TokenBucket => TokenBucket.Fits(state, limit, window, cost),
        _ => Used(state, now) <= limit - cost,
    };

    public void Spend(ref CounterState state, long cost, long now)
    {
        switch (algorithm)
        {
            case LimitAlgorithm.TokenBucket:
                state.Wide += Math.BigMul((ulong)cost, (ulong)window);
                break;
            case LimitAlgorithm.FixedWindow:
                FixedWindow.Spend(ref state, cost, now);
                break;
            default:
                SlidingWindow.Spend(ref state, cost, window, now);
                break;
        }
    }

    /// <summary>How long what was spent tells at most.</summary>
    public long Tells => algorithm == LimitAlgorithm.SlidingWindow ? 2 * window : window;

    /// <summary>Counts what another limit let through; a bucket holds no more than its limit, for it would leak that however long. No new window begins by it.</summary>
    public void Pour(ref CounterState state, long cost, long now)
    {
        if (algorithm == LimitAlgorithm.SlidingWindow && SlidingWindow.IsBetween(state))
        {
            return;
        }

        Spend(ref state, cost, now);
        if (algorithm == LimitAlgorithm.TokenBucket)
        {
            state.Wide = UInt128.Min(state.Wide, Full);
        }
    }

    /// <summary>Timestamps from now until <paramref name="wanted"/> (1 to the limit) can pass, if nothing else is spent until then.</summary>
    public long Until(in CounterState state, long wanted, long now) => algorithm switch
    {
        LimitAlgorithm.TokenBucket => TokenBucket.Until(state, limit, window, wanted),
        LimitAlgorithm.FixedWindow => (long)state.Low <= limit - wanted ? 0 : state.At + window - now,
        _ => SlidingWindow.Until(state, limit, window, wanted, now),
    };

    /// <summary>Does a state of the other limit say all that one of this would? Windows of one length do whatever their limits are; buckets leak by theirs.</summary>
    public bool Knows(Counting other) =>
        algorithm == other.Algorithm && window == other.Window && (algorithm != LimitAlgorithm.TokenBucket || limit == other.Limit);

    /// <summary>
    /// Makes a state of this limit say no less than that of another, in whose place it stands: what was spent stays spent. A changed window begins now, for one
    /// that began earlier might be over already. A window may hold more than its limit, for it ends; a bucket may not.
    /// </summary>
    public void TakeOver(ref CounterState state, CounterState from, Counting other, long now)
    {
        other.Advance(ref from, now);
        if (algorithm != other.Algorithm || window != other.Window)
        {
            Raise(ref state, other.Used(from, now), now);
        }
        else if (algorithm == LimitAlgorithm.TokenBucket)
        {
            (state.At, state.Wide) = (now, UInt128.Min(UInt128.Max(state.Wide, from.Wide), Full));
            state.WarnedIn = from.WarnedIn;
        }
        else if (state.IsEmpty)
        {
            state = from;
        }
        else
        {
            Raise(ref state, other.Used(from, now), now);
        }
    }

    /// <summary>Is a warning due, the first in this window? Of a bucket, which has none: the first within a window's length.</summary>
    public bool MarkWarned(ref CounterState state, long now)
    {
        if (algorithm == LimitAlgorithm.TokenBucket)
        {
            var part = (uint)(now / Math.Max(1, window / PartsOfWindow));
            if (state.WarnedIn != 0 && part - state.WarnedIn < PartsOfWindow)
            {
                return false;
            }

            state.WarnedIn = Math.Max(1, part);
            return true;
        }

        // Windows are told apart by their beginnings; a hash of them takes less room.
        var name = Math.Max(1, (uint)(((ulong)state.At * 0x9E37_79B9_7F4A_7C15) >> 32));
        var isFirst = state.WarnedIn != name;
        state.WarnedIn = name;
        return isFirst;
    }

    private const uint PartsOfWindow = 1000;

    private LimitAlgorithm Algorithm => algorithm;

    private long Limit => limit;

    private long Window => window;

    /// <summary>What a bucket holds.</summary>
    private UInt128 Full => Math.BigMul((ulong)limit, (ulong)window);

    private void Raise(ref CounterState state, long used, long now)
    {
        var missing = (algorithm == LimitAlgorithm.TokenBucket ? Math.Min(used, limit) : used) - Used(state, now);
        if (missing > 0)
        {
            state.At = state.IsEmpty ? now : state.At;
            Spend(ref state, missing, now);
        }
    }
}

/// <summary>
/// GCRA as a leaky bucket that is metered (ITU-T I.371 calls the two equal): each call pours in its cost, and <c>limit</c> a window leaks out. Held is what is
/// in it times the window's length, a whole number, so that nothing is ever rounded.
/// </summary>
internal static class TokenBucket
{
    public static void Advance(ref CounterState state, long limit, long now)
    {
        var elapsed = now - state.At;
        if (elapsed <= 0)
        {
            return;
        }

        state.At = now;
        if ((state.Low | state.High) != 0)
        {
            var (held, leaked) = (state.Wide, Math.BigMul((ulong)elapsed, (ulong)limit));
            state.Wide = held <= leaked ? UInt128.Zero : held - leaked;
        }
    }

    public static long Used(in CounterState state, long window) => (long)Division.CeilingOf(state.Wide, (ulong)window);

    public static bool Fits(in CounterState state, long limit, long window, long cost) =>
        cost <= limit && state.Wide <= Math.BigMul((ulong)(limit - cost), (ulong)window);

    public static long Until(in CounterState state, long limit, long window, long wanted)
    {
        var most = Math.BigMul((ulong)(limit - wanted), (ulong)window);
        return state.Wide <= most ? 0 : (long)Division.CeilingOf(state.Wide - most, (ulong)limit);
    }
}

/// <summary>So many in a window that begins with the first call after the last window ended. Never more than the limit in a window; in a span as long as one, less than twice as much.</summary>
internal static class FixedWindow
{
    public static void Advance(ref CounterState state, long window, long now)
    {
        if (state.Low != 0 && now - state.At >= window)
        {
            state.Low = 0;
        }
    }

    public static void Spend(ref CounterState state, long cost, long now)
    {
        // A window begins with its first call, so that nobody is refused for what was never asked.
        state.At = state.Low == 0 ? now : state.At;
        state.Low += (ulong)cost;
    }
}

/// <summary>Divides what is told. Most numbers fit 64 bits, which divide ten times as fast.</summary>
internal static class Division
{
    public static UInt128 CeilingOf(UInt128 number, ulong divisor) =>
        (ulong)(number >> 64) == 0 ? ((ulong)number / divisor) + ((ulong)number % divisor == 0 ? 0UL : 1UL) : ((number - 1) / divisor) + 1;

    public static UInt128 FloorOf(UInt128 number, ulong divisor) => (ulong)(number >> 64) == 0 ? (ulong)number / divisor : number / divisor;
}
