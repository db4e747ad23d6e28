namespace KeyPortal.Limits;

/// <summary>The counters of one key. Most have one rate limit, so the first has its place here and needs no array.</summary>
internal class KeyCounters(KeyLimits limits, long readNumber)
{
    private CounterState _first;

    public KeyLimits Limits { get; set; } = limits;

    /// <summary>How new the limits are; see <see cref="LimitedKey"/>.</summary>
    public long ReadNumber { get; set; } = readNumber;

    public static KeyCounters Of(in LimitedKey key) =>
        key.Limits.RateLimits.Length > 1 || key.Limits.Quotas.Length > 0 ? new ManyCounters(key) : new KeyCounters(key.Limits, key.ReadNumber);

    public ref CounterState State(int index) => ref index == 0 ? ref _first : ref ((ManyCounters)this).More[index - 1];
}

/// <summary>Counters of a key with several limits, or with quotas.</summary>
internal sealed class ManyCounters(in LimitedKey key) : KeyCounters(key.Limits, key.ReadNumber)
{
    public string KeyId { get; } = key.KeyId;

    public CounterState[] More { get; } = new CounterState[Math.Max(0, key.Limits.RateLimits.Length - 1)];

    public QuotaState[] Quotas { get; } = new QuotaState[key.Limits.Quotas.Length];

    /// <summary>Used since the sweeper last looked.</summary>
    public bool IsTouched { get; set; }

    /// <summary>Waits in its stripe's list to be written.</summary>
    public bool IsDirty { get; set; }

    /// <summary>The batch in which its quotas were last taken away to be written.</summary>
    public long TakenIn { get; set; }
}

/// <summary>One quota of one key in one period.</summary>
internal struct QuotaState
{
    /// <summary>See <see cref="QuotaPeriods.NumberAt"/>.</summary>
    public int Number;

    /// <summary>Is <see cref="Used"/> known? Else it has to be read first.</summary>
    public bool IsKnown;

    /// <summary>Was its warning told in this period?</summary>
    public bool IsWarned;

    public long Used;
}

/// <summary>Whose calls are counted, and against what.</summary>
/// <param name="Id">The counter's name.</param>
/// <param name="KeyId">The key's id, under which quotas are stored.</param>
/// <param name="Limits">All that hold for it.</param>
/// <param name="ReadNumber">Of two readings of one key's limits the later has the greater, and wins: a call under way must not bring the old ones back.</param>
public readonly record struct LimitedKey(CounterId Id, string KeyId, KeyLimits Limits, long ReadNumber);

/// <summary>One key's quota in one period, by name.</summary>
internal readonly record struct QuotaKey(string KeyId, QuotaPeriod Period, int Number);
