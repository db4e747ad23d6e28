namespace KeyPortal.Primitives;

/// <summary>Reads the injected clock in the precision that is stored: whole milliseconds, UTC.</summary>
public static class Clock
{
    public static DateTimeOffset Now(this TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond));
    }
}
