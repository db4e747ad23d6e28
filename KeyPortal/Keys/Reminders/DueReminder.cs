namespace KeyPortal.Keys.Reminders;

/// <summary>A deadline that somebody is to be reminded of now.</summary>
internal sealed record DueReminder(ApiKey Key, Deadline Deadline, DateTimeOffset At, int DaysBefore)
{
    /// <summary>The earliest comes first.</summary>
    public static readonly IReadOnlyList<int> Days = [14, 7, 1];

    /// <summary>
    /// The reminder that is due: of those whose day has come the nearest to the deadline, so that whoever missed two gets one. None for a day that lay before
    /// <paramref name="since"/>, when the key or its secret was made: its maker knows.
    /// </summary>
    public static int? DaysDue(DateTimeOffset deadline, DateTimeOffset since, DateTimeOffset now)
    {
        var nearest = Days.LastOrDefault(days => deadline.AddDays(-days) <= now);
        return nearest > 0 && deadline.AddDays(-nearest) > since ? nearest : null;
    }

    public SentReminder Sent(DateTimeOffset now) => new() { KeyId = Key.Id, Deadline = Deadline, DueAt = At, DaysBefore = DaysBefore, SentAt = now };
}
