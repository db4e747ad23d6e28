namespace KeyPortal.Limits;

/// <summary>
/// Two counters, of this window and the one before, which counts by the part of it that still lies within a window's length, as if its calls had come evenly from its
/// beginning on. That is right where they did: a client whose calls of cost 1 come evenly, at the limit or below, is never refused. Else the error is below what the
/// window before held. In each window by itself never more than the limit; in any span as long as a window less than twice the limit: a window begins with its first
/// call, so a span that reaches into the next one leaves a call of this one out.
/// </summary>
/// <remarks>
/// The state: <see cref="CounterState.At"/> is where this window began, or where it has no call yet, the one before. <see cref="CounterState.Low"/> holds this
/// window's count in its lower half and that of the one before in its upper; <see cref="CounterState.High"/> is the time between the two.
/// </remarks>
internal static class SlidingWindow
{
    private const int Half = 32;

    public static void Advance(ref CounterState state, long window, long now)
    {
        if (state.Low == 0)
        {
            return;
        }

        var elapsed = now - state.At;
        if (elapsed >= 2 * window)
        {
            (state.Low, state.High) = (0, 0);
        }
        else if (elapsed >= window && Present(state) > 0)
        {
            (state.Low, state.High) = (Present(state) << Half, 0);
        }
    }

    public static long Used(in CounterState state, long window, long now)
    {
        if (Before(state) == 0)
        {
            return (long)Present(state);
        }

        // What came a whole window ago has left, and less than a timestamp is not measured: so the least that may be left is taken, and of that no part of a call.
        var left = (ulong)Math.Max(0, Left(state, window, now) - 1);
        return (long)(Present(state) + (ulong)Division.FloorOf(Math.BigMul(Before(state), left), (ulong)window));
    }

    public static void Spend(ref CounterState state, long cost, long window, long now)
    {
        if (Present(state) == 0)
        {
            state.High = Before(state) == 0 ? 0 : (ulong)Math.Max(0, now - state.At - window);
            state.At = now;
        }

        state.Low = (Before(state) << Half) | Math.Min(uint.MaxValue, Present(state) + (ulong)cost);
    }

    public static long Until(in CounterState state, long limit, long window, long wanted, long now)
    {
        var room = limit - wanted - (long)Present(state);
        return room >= 0
            ? Math.Max(0, Left(state, window, now) - MostLeft(room, Before(state), window))
            : state.At + (2 * window) - MostLeft(limit - wanted, Present(state), window) - now;
    }

    /// <summary>Is the window over, and the next not begun?</summary>
    public static bool IsBetween(in CounterState state) => Present(state) == 0;

    private static ulong Present(in CounterState state) => (uint)state.Low;

    private static ulong Before(in CounterState state) => state.Low >> Half;

    /// <summary>How much of the window before still lies within a window's length.</summary>
    private static long Left(in CounterState state, long window, long now)
    {
        var began = Present(state) > 0 ? state.At - window - (long)state.High : state.At;
        return Before(state) == 0 ? 0 : Math.Clamp(began + (2 * window) - now, 0, window);
    }

    /// <summary>With how much left of its window a count has shrunk to <paramref name="room"/>.</summary>
    private static long MostLeft(long room, ulong count, long window) =>
        count <= (ulong)room ? window : (long)Division.CeilingOf(Math.BigMul((ulong)(room + 1), (ulong)window), count);
}
