namespace KeyPortal.Limits;

/// <summary>The most calls in any span of one length, of calls that came evenly within each minute.</summary>
internal sealed class BusiestSpan(long seconds)
{
    private const int Minute = 60;

    private readonly List<(long Second, long Calls)> _minutes = [];

    public void Add(long second, long calls)
    {
        if (calls > 0)
        {
            _minutes.Add((second, calls));
        }
    }

    /// <summary>A busiest span begins or ends with a minute.</summary>
    public long Most()
    {
        var (most, ended, begun) = (0L, 0L, 0L);
        var (first, after) = (0, 0);
        for (var i = 0; i < _minutes.Count; i++)
        {
            var (second, calls) = _minutes[i];
            ended += calls;
            for (; _minutes[first].Second + Minute <= second + Minute - seconds; first++)
            {
                ended -= _minutes[first].Calls;
            }

            for (; after < _minutes.Count && _minutes[after].Second < second + seconds; after++)
            {
                begun += _minutes[after].Calls;
            }

            var early = Math.Max(0, second + Minute - seconds - _minutes[first].Second);
            var late = Math.Max(0, _minutes[after - 1].Second + Minute - (second + seconds));
            most = Math.Max(most, Math.Max(ended - (_minutes[first].Calls * early / Minute), begun - (_minutes[after - 1].Calls * late / Minute)));
            begun -= calls;
        }

        return most;
    }
}
