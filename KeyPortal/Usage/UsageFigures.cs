using KeyPortal.Keys;

namespace KeyPortal.Usage;

/// <summary>How many validations were answered, and how many of them with a refusal.</summary>
public sealed record UsageTotals(long Calls, long Refused)
{
    public long Valid => Calls - Refused;

    /// <summary>From 0 to 1; null without calls.</summary>
    public double? RefusedShare => Calls == 0 ? null : (double)Refused / Calls;
}

/// <summary>One step of a series: <see cref="From"/> included, <see cref="To"/> not. Only codes that occurred are in <see cref="ByCode"/>.</summary>
public sealed record UsageBucket(DateTimeOffset From, DateTimeOffset To, IReadOnlyDictionary<ValidationCode, long> ByCode)
{
    public long Valid => ByCode.GetValueOrDefault(ValidationCode.Valid);

    public long Refused => Calls - Valid;

    public long Calls => ByCode.Values.Sum();
}

/// <summary>Evenly spaced buckets, empty ones included; the last one is still running.</summary>
public sealed record UsageSeries(UsagePeriod Period, IReadOnlyList<UsageBucket> Buckets)
{
    public UsageTotals Totals => new(Buckets.Sum(b => b.Calls), Buckets.Sum(b => b.Refused));
}

/// <summary>
/// A period against the one before it. <paramref name="Previous"/> ends where it was as far on as <paramref name="Current"/> is now (for the longer
/// periods, to the hour), so that a day begun is not held against a whole one.
/// </summary>
public sealed record UsageSummary(UsagePeriod Period, UsageTotals Current, UsageTotals Previous)
{
    /// <summary>0.06 for 6 % more calls than before; null where there were none before.</summary>
    public double? CallsChange => Previous.Calls == 0 ? null : ((double)Current.Calls / Previous.Calls) - 1;

    /// <summary>0.004 for 0.4 points more refusals; null where one of the two had no calls.</summary>
    public double? RefusedShareChange => Current.RefusedShare - Previous.RefusedShare;
}

/// <summary>One key's part.</summary>
public sealed record KeyUsage(string KeyId, long Calls, long Refused);

/// <summary>How often one code was answered, and to which keys most; calls with a malformed or unknown key belong to none.</summary>
public sealed record RefusalCount(ValidationCode Code, long Count, IReadOnlyList<KeyUsage> TopKeys);

/// <summary>Valid calls that asked for the same or came from the same address; <see cref="CallTally.None"/> where they named none.</summary>
public sealed record TalliedCalls(string Value, long Count);

/// <summary>
/// The valid calls of one key: all of them, and by what they needed and where they came from, as far as that is known. Whole UTC days, so that up to a day more
/// than the last <see cref="Days"/> is in it.
/// </summary>
public sealed record KeyTallies(long Calls, IReadOnlyList<TalliedCalls> Needed, IReadOnlyList<TalliedCalls> Addresses)
{
    public const int Days = 7;

    /// <summary>How many calls are in none of <paramref name="tallied"/>: beyond the bound, or from before such were kept.</summary>
    public long UnknownIn(IReadOnlyList<TalliedCalls> tallied) => Math.Max(0, Calls - tallied.Sum(t => t.Count));
}
