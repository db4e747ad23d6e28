namespace KeyPortal.Storage;

/// <summary>
/// A wall clock that is believed once it has run evenly for an hour. What is deleted for its age must not go because the clock leapt: a machine may start with a
/// wrong one, and have it set right a minute later. One caller at a time.
/// </summary>
public sealed class SteadyClock(TimeProvider clock)
{
    public static readonly TimeSpan Trial = TimeSpan.FromHours(1);

    /// <summary>More than a clock is slewed in an hour.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    private DateTimeOffset _wall = clock.GetUtcNow();
    private long _stamp = clock.GetTimestamp();

    /// <summary>The time; null while it is on trial, from the start and after each leap.</summary>
    public DateTimeOffset? Now()
    {
        var (wall, stamp) = (clock.GetUtcNow(), clock.GetTimestamp());
        var elapsed = clock.GetElapsedTime(_stamp, stamp);
        if ((wall - _wall - elapsed).Duration() > Tolerance)
        {
            (_wall, _stamp) = (wall, stamp);
            return null;
        }

        return elapsed >= Trial ? wall : null;
    }
}
