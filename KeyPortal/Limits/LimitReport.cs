namespace KeyPortal.Limits;

/// <summary>
/// Where all limits that were asked stand after a call: first the rate limits, then the quotas, in <paramref name="Standings"/>' order.
/// </summary>
/// <param name="RateLimits">How many of the standings are of rate limits.</param>
public sealed record LimitReport(KeyLimits Limits, int RateLimits, LimitStanding[] Standings, bool IsGranted)
{
    public string NameOf(int index) => index < RateLimits ? Limits.RateLimits[index].Name : QuotaOf(index).Name;

    public Quota QuotaOf(int index) => Limits.Quotas[index - RateLimits];

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

    /// <summary>The limit a client runs into next: one that refuses before one that does not, then that with the least left, then that with the longest wait.</summary>
    public int Tightest
    {
        get
        {
            var tightest = 0;
            for (var i = 1; i < Standings.Length; i++)
            {
                if (Tightness(Standings[i]).CompareTo(Tightness(Standings[tightest])) < 0)
                {
                    tightest = i;
                }
            }

            return tightest;
        }
    }

    private static (int Refuses, long Remaining, long Wait) Tightness(in LimitStanding standing) =>
        (standing.Is(LimitMarks.Refused) ? 0 : 1, standing.Remaining, -Math.Max(standing.RetryAfterSeconds, standing.ResetSeconds));
}
