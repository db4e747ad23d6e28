namespace KeyPortal.Keys.Pages;

/// <summary>When a secret should be rotated, in words, and the ages people choose from.</summary>
public static class RotationWords
{
    private const long Day = 86_400;
    private static readonly long[] Usual = [30 * Day, 90 * Day, 180 * Day, 365 * Day];

    /// <summary>The usual ages, and <paramref name="also"/> where it is none of them.</summary>
    public static IEnumerable<long> Choices(long? also) => also is { } other && !Usual.Contains(other) ? Usual.Append(other).Order() : Usual;

    /// <summary>As a heading: <c>Rotate within 3 days</c>, <c>Rotation overdue by 4 days</c>.</summary>
    public static string Of(DateTimeOffset due, DateTimeOffset now) => due > now ? $"Rotate within {Days(due - now)}" : now - due < TimeSpan.FromHours(1) ? "Rotation due now" : $"Rotation overdue by {Days(now - due)}";

    public static string Days(TimeSpan span) => span.TotalHours < 48 ? KeyWords.Count(Math.Max(1, (long)span.TotalHours), "hour", "hours") : $"{(int)span.TotalDays:N0} days";
}
