namespace KeyPortal.Limits;

/// <summary>The counters of one key. Most have one rate limit, so the first has its place here and needs no array.</summary>
internal class KeyCounters(KeyLimits limits, long readNumber)
{
    private CounterState _first;

    public KeyLimits Limits { get; set; } = limits;

    /// <summary>How new the limits are; see <see cref="LimitedKey"/>.</summary>
    public long ReadNumber { get; set; } = readNumber;

    public static KeyCounters Of(in LimitedKey key) => Of(key, []);

    public static KeyCounters Of(in LimitedKey key, FormerLimit[] formers) =>
        key.Limits.RateLimits.Length > 1 || key.Limits.Quotas.Length > 0 || formers.Length > 0 ? new ManyCounters(key) { Formers = formers } : new KeyCounters(key.Limits, key.ReadNumber);

    public ref CounterState State(int index) => ref index == 0 ? ref _first : ref ((ManyCounters)this).More[index - 1];
}

/// <summary>Counters of a key with several limits, with quotas, or with limits that were changed lately.</summary>
internal sealed class ManyCounters(in LimitedKey key) : KeyCounters(key.Limits, key.ReadNumber)
{
    public string KeyId { get; } = key.KeyId;

    public CounterState[] More { get; } = new CounterState[Math.Max(0, key.Limits.RateLimits.Length - 1)];

    /// <summary>Limits that were changed or taken off while something of them was spent.</summary>
    public FormerLimit[] Formers { get; set; } = [];

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

    public long Used;

    /// <summary>The use from which a warning was told in this period; 0 for none. With another quota it is another, and told again.</summary>
    public long WarnedFrom;

    /// <summary>While its use is not known, when that was first asked for (see <see cref="LimitCounters.Asked"/>): what was read before may be old.</summary>
    public long UnknownSince;

    public readonly QuotaTotal Total => new(Used, WarnedFrom);
}

/// <summary>How much of a quota is used, and the use from which a warning was told.</summary>
internal readonly record struct QuotaTotal(long Used, long WarnedFrom)
{
    /// <summary>Use only grows within a period, and a warning comes with use.</summary>
    public static QuotaTotal Newer(in QuotaTotal one, in QuotaTotal other) => other.Used > one.Used ? other : one;
}

/// <summary>
/// A limit that another stands in the place of, or that was taken off: counted on beside the new one until a window after it was replaced (of a sliding one two), so that putting it back grants
/// nothing twice.
/// </summary>
/// <param name="Successor">The place of the limit that stands in for it, whose calls count for it too; -1 for none.</param>
/// <param name="Limit">As it was, under the name of its successor.</param>
/// <param name="Until">The timestamp from which nothing is left of what was spent while it held, whatever has been counted since.</param>
internal record struct FormerLimit(int Successor, RateLimit Limit, CounterState State, long Until)
{
    /// <summary>So many of one key. Whoever changes a limit more often than this while something of it is spent has the oldest forgotten.</summary>
    public const int Most = 4 * LimitRules.MaxRateLimits;

    public CounterState State = State;
}

/// <summary>Whose calls are counted, and against what.</summary>
/// <param name="Id">The counter's name.</param>
/// <param name="KeyId">The key's id, under which quotas are stored.</param>
/// <param name="Limits">All that hold for it.</param>
/// <param name="ReadNumber">Of two readings of one key's limits the later has the greater, and wins: a call under way must not bring the old ones back.</param>
public readonly record struct LimitedKey(CounterId Id, string KeyId, KeyLimits Limits, long ReadNumber);

/// <summary>One key's quota in one period, by name.</summary>
internal readonly record struct QuotaKey(string KeyId, QuotaPeriod Period, int Number);
