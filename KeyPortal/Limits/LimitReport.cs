namespace KeyPortal.Limits;

/// <summary>
/// Where all limits that were asked stand after a call: first the rate limits, then the quotas, in <paramref name="Standings"/>' order.
/// </summary>
/// <param name="RateLimits">How many of the standings are of rate limits.</param>
public sealed record LimitReport(KeyLimits Limits, int RateLimits, LimitStanding[] Standings, bool IsGranted)
{
    /// <summary>Null where a quota has to be read first.</summary>
    internal static LimitReport? Of(Acquired acquired, KeyLimits held, ReadOnlySpan<LimitStanding> standings, bool ownOnly, DateTimeOffset at)
    {
        var (rates, all) = ownOnly ? (held.OwnRateLimits, held.OwnCount) : (held.RateLimits.Length, held.Count);
        return acquired == Acquired.QuotaUnknown ? null : new LimitReport(held, rates, standings[..all].ToArray(), acquired == Acquired.Granted) { At = at };
    }

    /// <summary>When the call was made, by the wall clock.</summary>
    public DateTimeOffset At { get; init; }

    public string NameOf(int index) => index < RateLimits ? Limits.RateLimits[index].Name : QuotaOf(index).Name;

    public Quota QuotaOf(int index) => Limits.Quotas[index - RateLimits];

    /// <summary>Can it refuse a call? A soft quota only warns: a client told of it as of the others would wait for nothing.</summary>
    public bool Binds(int index) => index < RateLimits || QuotaOf(index).Mode == QuotaMode.Hard;

    /// <summary>Whole seconds until the refused call could pass, if nothing else is spent until then; null where it was granted or never can.</summary>
    public long? RetryAfterSeconds
    {
        get
        {
            var longest = 0L;
            foreach (var standing in Standings)
            {
                if (standing.Is(LimitMarks.Never))
                {
                    return null;
                }

                longest = Math.Max(longest, standing.RetryAfterSeconds);
            }

            return IsGranted ? null : longest;
        }
    }

    /// <summary>The limit a client runs into next (see <see cref="LimitStanding.IsTighterThan"/>); -1 where none can refuse.</summary>
    public int Tightest
    {
        get
        {
            var tightest = -1;
            for (var i = 0; i < Standings.Length; i++)
            {
                if (Binds(i) && (tightest < 0 || Standings[i].IsTighterThan(Standings[tightest])))
                {
                    tightest = i;
                }
            }

            return tightest;
        }
    }
}
