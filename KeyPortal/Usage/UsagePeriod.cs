using System.Diagnostics.CodeAnalysis;

namespace KeyPortal.Usage;

/// <summary>
/// One of the spans usage is shown for, and how it is cut into buckets. It ends with the bucket that is running, so a period of 24 hours that is
/// looked at a quarter past ends at half past. Buckets lie on UTC half-hours, three-hours and days.
/// </summary>
public sealed class UsagePeriod
{
    public static readonly UsagePeriod Hours24 = new("24h", TimeSpan.FromMinutes(30), 48);
    public static readonly UsagePeriod Days7 = new("7d", TimeSpan.FromHours(3), 56);
    public static readonly UsagePeriod Days30 = new("30d", TimeSpan.FromDays(1), 30);
    public static readonly UsagePeriod Days90 = new("90d", TimeSpan.FromDays(1), 90);

    private UsagePeriod(string name, TimeSpan bucketWidth, int buckets) => (Name, BucketWidth, Buckets) = (name, bucketWidth, buckets);

    public static IReadOnlyList<UsagePeriod> All { get; } = [Hours24, Days7, Days30, Days90];

    /// <summary>As it stands in a URL: <c>24h 7d 30d 90d</c>.</summary>
    public string Name { get; }

    public TimeSpan BucketWidth { get; }

    public int Buckets { get; }

    public TimeSpan Length => BucketWidth * Buckets;

    public static bool TryParse(string? text, [NotNullWhen(true)] out UsagePeriod? period)
    {
        period = All.FirstOrDefault(p => p.Name == text);
        return period is not null;
    }

    /// <summary>Where the first bucket begins.</summary>
    public DateTimeOffset StartAt(DateTimeOffset now)
    {
        var sinceEpoch = now.UtcTicks - DateTime.UnixEpoch.Ticks;
        var running = DateTimeOffset.UnixEpoch.AddTicks(sinceEpoch - (sinceEpoch % BucketWidth.Ticks));
        return running - (BucketWidth * (Buckets - 1));
    }

    public override string ToString() => Name;

    /// <summary>Only the shortest one has buckets finer than an hour.</summary>
    internal bool IsByMinute => BucketWidth < TimeSpan.FromHours(1);
}
