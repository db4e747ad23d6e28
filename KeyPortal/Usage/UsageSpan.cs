using KeyPortal.Primitives;

namespace KeyPortal.Usage;

/// <summary>How wide the steps of a series are. Hours, days and months begin where UTC has them begin.</summary>
public enum UsageInterval
{
    Minute,
    Hour,
    Day,
    Month,
}

/// <summary>A stretch of time cut into steps. It begins with the step that <c>from</c> lies in and ends with the one before <c>to</c> is passed.</summary>
public sealed record UsageSpan
{
    /// <summary>Enough for every hour of two months, or every minute of a day.</summary>
    public const int MostSteps = 1500;

    private UsageSpan(UsageInterval interval, IReadOnlyList<DateTimeOffset> edges) => (Interval, Edges) = (interval, edges);

    public UsageInterval Interval { get; }

    public DateTimeOffset From => Edges[0];

    public DateTimeOffset To => Edges[^1];

    /// <summary>The beginnings of the steps, and the end of the last.</summary>
    internal IReadOnlyList<DateTimeOffset> Edges { get; }

    /// <summary>Refuses a stretch that is none, of too many steps, or by the minute farther back than minutes are kept.</summary>
    public static Outcome<UsageSpan> Of(DateTimeOffset from, DateTimeOffset to, UsageInterval interval, DateTimeOffset now)
    {
        if (from >= to)
        {
            return Refusal.Invalid("/from", "from must lie before to.");
        }

        if (interval == UsageInterval.Minute && from < now - RollupWriter.MinutesKeptFor)
        {
            return Refusal.Invalid("/interval", $"Minutes are kept for {RollupWriter.MinutesKeptFor.TotalDays:0} days; ask for hours.");
        }

        List<DateTimeOffset> edges = [Floor(from, interval)];
        while (edges[^1] < to)
        {
            if (edges.Count > MostSteps)
            {
                return Refusal.Invalid("/interval", $"That would be more than {MostSteps:N0} steps. Ask for a shorter time, or wider steps.");
            }

            edges.Add(Next(edges[^1], interval));
        }

        return new UsageSpan(interval, edges);
    }

    /// <summary>The step an instant lies in; it must lie within the span.</summary>
    internal int StepOf(DateTimeOffset at)
    {
        var (low, high) = (0, Edges.Count - 2);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = Edges[middle] <= at ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    private static DateTimeOffset Floor(DateTimeOffset at, UsageInterval interval)
    {
        var utc = at.UtcDateTime;
        return interval switch
        {
            UsageInterval.Minute => new DateTimeOffset(utc.Year, utc.Month, utc.Day, utc.Hour, utc.Minute, 0, TimeSpan.Zero),
            UsageInterval.Hour => new DateTimeOffset(utc.Year, utc.Month, utc.Day, utc.Hour, 0, 0, TimeSpan.Zero),
            UsageInterval.Day => new DateTimeOffset(utc.Date, TimeSpan.Zero),
            _ => new DateTimeOffset(utc.Year, utc.Month, 1, 0, 0, 0, TimeSpan.Zero),
        };
    }

    private static DateTimeOffset Next(DateTimeOffset at, UsageInterval interval) => interval switch
    {
        UsageInterval.Minute => at.AddMinutes(1),
        UsageInterval.Hour => at.AddHours(1),
        UsageInterval.Day => at.AddDays(1),
        _ => at.AddMonths(1),
    };
}
