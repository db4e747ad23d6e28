namespace KeyPortal.Limits;

/// <summary>What limits would have done to calls of the past.</summary>
/// <param name="Calls">All that wanted to pass.</param>
/// <param name="Refused">Those that would have been refused at least.</param>
/// <param name="RefusedMinutes">In how many minutes.</param>
/// <param name="LastRefusedAt">The newest of these.</param>
/// <param name="Peaks">
/// By limit, in the order of <see cref="KeyLimits"/>: the most of it that was used, in percent; 100 where it was spent. Of a token bucket, which stays all but empty while its rate is kept, the
/// most calls in a span as long as its window, where that is more.
/// </param>
public sealed record SimulatedUse(long Calls, long Refused, int RefusedMinutes, DateTimeOffset? LastRefusedAt, IReadOnlyList<int> Peaks);

/// <summary>
/// Plays calls of the past, of which only the minute is known, against limits: as if they had come evenly within each minute. Real calls come in bursts, so what it
/// refuses is the least that would have been refused, and its peaks the least there were.
/// </summary>
public static class LimitSimulation
{
    private const int SecondsPerMinute = 60;
    private const int Whole = 100;

    /// <param name="minutes">Beginning of each minute and its calls, in the order of time.</param>
    public static SimulatedUse Run(KeyLimits limits, IEnumerable<(DateTimeOffset At, long Calls)> minutes)
    {
        var run = new Playing(limits);
        foreach (var (at, calls) in minutes)
        {
            run.Minute(at, calls);
        }

        return run.Result();
    }

    private sealed class Playing(KeyLimits limits)
    {
        private readonly CounterState[] _states = new CounterState[limits.RateLimits.Length];
        private readonly (int Number, long Used)[] _quotas = new (int, long)[limits.Quotas.Length];
        private readonly int[] _peaks = new int[limits.Count];
        private readonly BusiestSpan?[] _rates = [.. limits.RateLimits.ToArray().Select(l => l.Algorithm == LimitAlgorithm.TokenBucket ? new BusiestSpan(l.WindowSeconds) : null)];
        private long _calls;
        private long _refused;
        private int _minutes;
        private DateTimeOffset? _last;

        public SimulatedUse Result()
        {
            for (var i = 0; i < _rates.Length; i++)
            {
                Peak(i, Math.Min(limits.RateLimits[i].Limit, _rates[i]?.Most() ?? 0), limits.RateLimits[i].Limit);
            }

            return new SimulatedUse(_calls, _refused, _minutes, _last, _peaks);
        }

        public void Minute(DateTimeOffset at, long calls)
        {
            _calls += calls;
            var refusedBefore = _refused;
            var second = at.ToUnixTimeSeconds();
            for (var i = 0; i < SecondsPerMinute; i++)
            {
                var share = (calls * (i + 1) / SecondsPerMinute) - (calls * i / SecondsPerMinute);
                if (share > 0)
                {
                    Second(second + i, at, share);
                }
            }

            foreach (var rate in _rates)
            {
                rate?.Add(second, calls - (_refused - refusedBefore));
            }

            if (_refused > refusedBefore)
            {
                _minutes++;
                _last = at;
            }
        }

        private void Second(long second, DateTimeOffset minute, long calls)
        {
            var room = calls;
            for (var i = 0; i < _states.Length; i++)
            {
                var counting = Counting.Of(limits.RateLimits[i], frequency: 1);
                counting.Advance(ref _states[i], second);
                room = Math.Min(room, Math.Max(0, limits.RateLimits[i].Limit - counting.Used(_states[i], second)));
            }

            for (var i = 0; i < _quotas.Length; i++)
            {
                var number = limits.Quotas[i].Period.NumberAt(minute);
                _quotas[i] = _quotas[i].Number == number ? _quotas[i] : (number, 0);
                room = limits.Quotas[i].Mode == QuotaMode.Soft ? room : Math.Min(room, Math.Max(0, limits.Quotas[i].Limit - _quotas[i].Used));
            }

            Spend(room, second);
            _refused += calls - room;
            if (room < calls)
            {
                MarkSpent();
            }
        }

        private void Spend(long calls, long second)
        {
            for (var i = 0; i < _states.Length && calls > 0; i++)
            {
                var counting = Counting.Of(limits.RateLimits[i], frequency: 1);
                counting.Spend(ref _states[i], calls, second);
                Peak(i, counting.Used(_states[i], second), limits.RateLimits[i].Limit);
            }

            for (var i = 0; i < _quotas.Length; i++)
            {
                _quotas[i].Used += calls;
                Peak(_states.Length + i, _quotas[i].Used, limits.Quotas[i].Limit);
            }
        }

        /// <summary>Whatever refused had no room for a call, though rounding may say 99.</summary>
        private void MarkSpent()
        {
            for (var i = 0; i < _peaks.Length; i++)
            {
                _peaks[i] = _peaks[i] == Whole - 1 ? Whole : _peaks[i];
            }
        }

        private void Peak(int index, long used, long limit) => _peaks[index] = Math.Max(_peaks[index], (int)Int128.Min(int.MaxValue, (Int128)used * Whole / limit));
    }
}
