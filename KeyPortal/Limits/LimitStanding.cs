namespace KeyPortal.Limits;

/// <summary>What is to be said of one limit after a call.</summary>
[Flags]
public enum LimitMarks
{
    None = 0,

    /// <summary>It has no room for the call.</summary>
    Refused = 1,

    /// <summary>The call costs more than the limit ever holds: it can never pass.</summary>
    Never = 2,

    /// <summary>At or beyond the percentage from which it warns.</summary>
    Near = 4,

    /// <summary>The first time in this window that it is near.</summary>
    FirstNear = 8,

    /// <summary>A soft quota that is used up: calls go on.</summary>
    Over = 16,
}

/// <summary>Where one rate limit or quota stands.</summary>
/// <param name="Limit">How much it holds.</param>
/// <param name="Used">How much of it is used; more than it holds where a soft quota was passed.</param>
/// <param name="ResetSeconds">Whole seconds until more becomes available, rounded up; 0 where nothing is spent.</param>
/// <param name="RetryAfterSeconds">Whole seconds until the refused call could pass, rounded up; 0 where it was not refused by this limit, or never can.</param>
/// <param name="Marks">What is to be said of it.</param>
public readonly record struct LimitStanding(long Limit, long Used, long ResetSeconds, long RetryAfterSeconds, LimitMarks Marks)
{
    /// <summary>What could still pass now, in calls of cost 1.</summary>
    public long Remaining => Math.Max(0, Limit - Used);

    /// <summary>Whole seconds until more becomes available, and where it refused the call, until that could pass.</summary>
    public long WaitSeconds => Math.Max(ResetSeconds, RetryAfterSeconds);

    public bool Is(LimitMarks mark) => (Marks & mark) == mark;

    /// <summary>One that refuses before one that does not, then that with the least left, then that with the longest wait.</summary>
    public bool IsTighterThan(in LimitStanding other) => Tightness.CompareTo(other.Tightness) < 0;

    private (int Refuses, long Remaining, long Wait) Tightness => (Is(LimitMarks.Refused) ? 0 : 1, Remaining, -WaitSeconds);
}
