namespace KeyPortal.Limits;

/// <summary>Spends limits one by one, and reads where they stand. <paramref name="frequency"/>: timestamps a second.</summary>
internal sealed class LimitMeter(long frequency)
{
    public Counting Of(RateLimit limit) => Counting.Of(limit, frequency);

    /// <summary>Spends the cost if asked to, and says where the limit then stands.</summary>
    public LimitStanding Stand(RateLimit limit, ref CounterState state, long cost, bool spend, long stamp)
    {
        var counting = Of(limit);
        var marks = LimitMarks.None;
        var retry = 0L;
        if (spend)
        {
            counting.Spend(ref state, cost, stamp);
        }
        else if (cost > limit.Limit)
        {
            marks = LimitMarks.Refused | LimitMarks.Never;
        }
        else if (!counting.Fits(state, cost, stamp))
        {
            marks = LimitMarks.Refused;
            retry = Seconds(counting.Until(state, cost, stamp));
        }

        var used = counting.Used(state, stamp);
        if (IsNear(used, limit.Limit, limit.WarnAtPercent))
        {
            marks |= spend && counting.MarkWarned(ref state, stamp) ? LimitMarks.Near | LimitMarks.FirstNear : LimitMarks.Near;
        }

        return new LimitStanding(limit.Limit, used, used == 0 ? 0 : Seconds(counting.Until(state, Math.Max(1, limit.Limit - used + 1), stamp)), retry, marks);
    }

    /// <summary>Counts what was spent on limits that stand in the place of former ones, which are still counted.</summary>
    /// <param name="spent">How many limits, from the first, were spent.</param>
    public void Pour(FormerLimit[] formers, int spent, long cost, long stamp)
    {
        for (var i = 0; i < formers.Length; i++)
        {
            ref var former = ref formers[i];
            if ((uint)former.Successor < (uint)spent && !IsOver(ref former, stamp))
            {
                Of(former.Limit).Pour(ref former.State, cost, stamp);
            }
        }
    }

    /// <summary>Is nothing left of what was spent on the limit while it held? Then it is counted no more, or steady calls would keep it for ever.</summary>
    public bool IsOver(ref FormerLimit former, long stamp)
    {
        Of(former.Limit).Advance(ref former.State, stamp);
        return former.State.IsEmpty || stamp >= former.Until;
    }

    /// <summary>The same of a quota, whose use is known.</summary>
    public static LimitStanding Stand(Quota quota, ref QuotaState state, long cost, bool spend, DateTimeOffset now)
    {
        var left = quota.Period.EndOf(state.Number) - now;
        var seconds = (left.Ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond;
        var (marks, retry) = (LimitMarks.None, 0L);
        var isHard = quota.Mode == QuotaMode.Hard;
        if (spend)
        {
            state.Used += cost;
        }
        else if (isHard && state.Used > quota.Limit - cost)
        {
            (marks, retry) = cost > quota.Limit ? (LimitMarks.Refused | LimitMarks.Never, 0) : (LimitMarks.Refused, seconds);
        }

        if (!isHard && state.Used > quota.Limit)
        {
            marks |= LimitMarks.Over;
        }

        if (quota.WarnsFrom is { } from && state.Used >= from)
        {
            marks |= spend && state.WarnedFrom != from ? LimitMarks.Near | LimitMarks.FirstNear : LimitMarks.Near;
            state.WarnedFrom = spend ? from : state.WarnedFrom;
        }

        return new LimitStanding(quota.Limit, state.Used, state.Used == 0 ? 0 : seconds, retry, marks);
    }

    private static bool IsNear(long used, long limit, int? percent) => percent is { } from && (Int128)used * 100 >= (Int128)from * limit;

    private long Seconds(long stamps) => (stamps / frequency) + (stamps % frequency == 0 ? 0 : 1);
}
