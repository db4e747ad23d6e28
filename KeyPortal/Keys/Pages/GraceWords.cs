namespace KeyPortal.Keys.Pages;

/// <summary>The grace periods people choose from, in words.</summary>
public static class GraceWords
{
    private static readonly (long Seconds, string Words)[] Usual = [(0, "No time"), (3_600, "1 hour"), (86_400, "24 hours"), (604_800, "7 days"), (2_592_000, "30 days")];

    /// <summary>The usual ones, and <paramref name="also"/> where it is none of them.</summary>
    public static IEnumerable<(long Seconds, string Words)> Choices(long also) =>
        Usual.Any(choice => choice.Seconds == also) ? Usual : Usual.Append((also, Of(also))).OrderBy(choice => choice.Item1);

    public static string Of(long seconds) => seconds switch
    {
        >= 172_800 when seconds % 86_400 == 0 => $"{seconds / 86_400} days",
        >= 3_600 when seconds % 3_600 == 0 => seconds == 3_600 ? "1 hour" : $"{seconds / 3_600} hours",
        >= 60 when seconds % 60 == 0 => seconds == 60 ? "1 minute" : $"{seconds / 60} minutes",
        0 => "No time",
        _ => $"{seconds} seconds",
    };

    /// <summary>What is left until an instant, in two units: <c>7 h 12 min</c>.</summary>
    public static string Left(TimeSpan left) => left switch
    {
        { TotalDays: >= 2 } => $"{(int)left.TotalDays} days {left.Hours} h",
        { TotalHours: >= 1 } => $"{(int)left.TotalHours} h {left.Minutes} min",
        { TotalMinutes: >= 1 } => $"{(int)left.TotalMinutes} min",
        _ => "under a minute",
    };
}
