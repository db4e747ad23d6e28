namespace KeyPortal.Tests.Support;

/// <summary>A clock whose timers ring only when told.</summary>
public sealed class Ticker(TimeProvider clock) : TimeProvider
{
    private readonly List<Bell> _bells = [];

    /// <summary>How many timers are running.</summary>
    public int Count
    {
        get
        {
            lock (_bells)
            {
                return _bells.Count;
            }
        }
    }

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override long GetTimestamp() => clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var bell = new Bell(this, callback, state);
        lock (_bells)
        {
            _bells.Add(bell);
        }

        return bell;
    }

    public void Tick()
    {
        Bell[] ringing;
        lock (_bells)
        {
            ringing = [.. _bells];
        }

        foreach (var bell in ringing)
        {
            bell.Ring();
        }
    }

    private sealed class Bell(Ticker owner, TimerCallback callback, object? state) : ITimer
    {
        public void Ring() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
            lock (owner._bells)
            {
                owner._bells.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
