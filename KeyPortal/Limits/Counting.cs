namespace KeyPortal.Limits;

/// <summary>What is remembered of one rate limit of one key; what the numbers mean is the algorithm's to say. All zero: nothing spent.</summary>
internal struct CounterState
{
    /// <summary>A monotonic timestamp.</summary>
    public long At;

    public ulong Low;

    public ulong High;

    /// <summary>The window in which a warning was told last, as a number that differs between neighbours; 0 for never.</summary>
    public uint WarnedIn;

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
        if (algorithm == LimitAlgorithm.TokenBucket)
        {
            state.Wide += Math.BigMul((ulong)cost, (ulong)window);
            return;
        }

        // A window begins with its first call, so that nobody is refused for what was never asked.
        if (state.Low == 0 && state.High == 0)
        {
            state.At = now;
        }

        state.Low += (ulong)cost;
    }

    /// <summary>Timestamps from now until <paramref name="wanted"/> (1 to the limit) can pass, if nothing else is spent until then.</summary>
    public long Until(in CounterState state, long wanted, long now) => algorithm switch
    {
        LimitAlgorithm.TokenBucket => TokenBucket.Until(state, limit, window, wanted),
        LimitAlgorithm.FixedWindow => (long)state.Low <= limit - wanted ? 0 : state.At + window - now,
        _ => SlidingWindow.Until(state, limit, window, wanted, now),
    };

    /// <summary>
    /// What becomes of a counter when its limit is changed: what was spent stays spent, and nothing is granted twice. A changed window begins now, for one that
    /// began earlier might be over already. A window may hold more than the new limit, for it ends; a bucket may not, for it would leak that at the new rate, however long.
    /// </summary>
    public CounterState Carry(CounterState from, Counting before, long now)
    {
        before.Advance(ref from, now);
        if (algorithm == before.Algorithm && window == before.Window)
        {
            if (algorithm == LimitAlgorithm.TokenBucket)
            {
                from.Wide = UInt128.Min(from.Wide, Math.BigMul((ulong)limit, (ulong)window));
            }

            return from;
        }

        var used = before.Used(from, now);
        var carried = new CounterState { At = now };
        if (used > 0)
        {
            Spend(ref carried, algorithm == LimitAlgorithm.TokenBucket ? Math.Min(used, limit) : used, now);
        }

        return carried;
    }

    private LimitAlgorithm Algorithm => algorithm;

    private long Window => window;
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

    public static long Used(in CounterState state, long window) => (long)CeilingOf(state.Wide, (ulong)window);

    public static bool Fits(in CounterState state, long limit, long window, long cost) =>
        cost <= limit && state.Wide <= Math.BigMul((ulong)(limit - cost), (ulong)window);

    public static long Until(in CounterState state, long limit, long window, long wanted)
    {
        var most = Math.BigMul((ulong)(limit - wanted), (ulong)window);
        return state.Wide <= most ? 0 : (long)CeilingOf(state.Wide - most, (ulong)limit);
    }

    /// <summary>Most numbers fit 64 bits, which divide ten times as fast.</summary>
    private static UInt128 CeilingOf(UInt128 number, ulong divisor) =>
        (ulong)(number >> 64) == 0 ? ((ulong)number / divisor) + ((ulong)number % divisor == 0 ? 0UL : 1UL) : ((number - 1) / divisor) + 1;
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
}

/// <summary>
/// Two counters, of this window and the one before, which counts by the part of it that still lies within a window's length. That is right where calls came evenly;
/// the error is below what the window before held, and in any span as long as a window less than twice the limit can pass (all of the window before at its
/// end, and again as much by the end of this one). In each window by itself never more than the limit.
/// </summary>
internal static class SlidingWindow
{
    public static void Advance(ref CounterState state, long window, long now)
    {
        if ((state.Low | state.High) == 0)
        {
            return;
        }

        var elapsed = now - state.At;
        if (elapsed >= 2 * window)
        {
            (state.Low, state.High) = (0, 0);
        }
        else if (elapsed >= window)
        {
            (state.Low, state.High, state.At) = (0, state.Low, state.At + window);
        }
    }

    public static long Used(in CounterState state, long window, long now)
    {
        if (state.High == 0)
        {
            return (long)state.Low;
        }

        var left = (ulong)(window - Math.Max(0, now - state.At));
        return (long)state.Low + (long)((Math.BigMul(state.High, left) + (ulong)(window - 1)) / (ulong)window);
    }

    public static long Until(in CounterState state, long limit, long window, long wanted, long now)
    {
        var elapsed = Math.Max(0, now - state.At);
        var room = limit - wanted - (long)state.Low;
        return room >= 0
            ? Math.Max(0, Fraction(room, state.High, window) - elapsed)
            : window - elapsed + Fraction(limit - wanted, state.Low, window);
    }

    /// <summary>How far into the window after it a count has shrunk to <paramref name="room"/>.</summary>
    private static long Fraction(long room, ulong count, long window) =>
        count <= (ulong)room ? 0 : window - (long)(Math.BigMul((ulong)room, (ulong)window) / count);
}
