using Microsoft.AspNetCore.WebUtilities;

namespace KeyPortal.Audit.Pages;

/// <summary>What the audit page shows, as its URL says it: a link to it shows a colleague the same entries.</summary>
public sealed record AuditAddress
{
    public const string Path = "/audit-log";

    private const string DayForm = "yyyy-MM-dd";

    public string? ActorId { get; init; }

    public string? Action { get; init; }

    public string? TargetId { get; init; }

    /// <summary>One of <see cref="Periods"/>, or <c>dates</c> for <see cref="FromDay"/> to <see cref="ToDay"/>; null for any time.</summary>
    public string? Period { get; init; }

    /// <summary>First and last day, both included, in the viewer's time zone.</summary>
    public DateOnly? FromDay { get; init; }

    public DateOnly? ToDay { get; init; }

    /// <summary>Only entries below this index: the page after the one that ended there.</summary>
    public long? Before { get; init; }

    public static IReadOnlyList<(string Name, string Words, TimeSpan Span)> Periods { get; } =
        [("24h", "Last 24 hours", TimeSpan.FromHours(24)), ("7d", "Last 7 days", TimeSpan.FromDays(7)), ("30d", "Last 30 days", TimeSpan.FromDays(30)), ("90d", "Last 90 days", TimeSpan.FromDays(90))];

    public const string Dates = "dates";

    public bool IsFiltered => ActorId is not null || Action is not null || TargetId is not null || Period is not null;

    /// <summary>Reads a URL; what makes no sense in it is left out.</summary>
    public static AuditAddress Parse(string uri)
    {
        var query = QueryHelpers.ParseQuery(new Uri(uri).Query);
        string? Text(string name) => query.TryGetValue(name, out var value) && value.ToString() is { Length: > 0 and <= 100 } text ? text : null;
        DateOnly? Day(string name) => DateOnly.TryParseExact(Text(name), DayForm, out var day) ? day : null;
        var period = Text("period");
        return new AuditAddress
        {
            ActorId = Text("actor"),
            Action = Text("action"),
            TargetId = Text("target"),
            Period = period == Dates || Periods.Any(p => p.Name == period) ? period : null,
            FromDay = Day("from"),
            ToDay = Day("to"),
            Before = long.TryParse(Text("before"), out var before) && before >= 0 ? before : null,
        };
    }

    public override string ToString()
    {
        var dates = Period == Dates;
        Dictionary<string, string?> query = new(StringComparer.Ordinal)
        {
            ["actor"] = ActorId,
            ["action"] = Action,
            ["target"] = TargetId,
            ["period"] = Period,
            ["from"] = dates ? FromDay?.ToString(DayForm) : null,
            ["to"] = dates ? ToDay?.ToString(DayForm) : null,
            ["before"] = Before?.ToString(),
        };
        return QueryHelpers.AddQueryString(Path, query.Where(q => !string.IsNullOrEmpty(q.Value)));
    }

    /// <summary>The filter it means now, for a viewer in <paramref name="zone"/>.</summary>
    public AuditFilter ToFilter(DateTimeOffset now, TimeZoneInfo zone)
    {
        var span = Periods.FirstOrDefault(p => p.Name == Period).Span;
        return new AuditFilter
        {
            ActorId = ActorId,
            Action = Action,
            TargetId = TargetId,
            From = span > TimeSpan.Zero ? now - span : Period == Dates ? Midnight(FromDay, zone) : null,
            To = Period == Dates ? Midnight(ToDay?.AddDays(1), zone) : null,
        };
    }

    private static DateTimeOffset? Midnight(DateOnly? day, TimeZoneInfo zone)
    {
        if (day is not { } d)
        {
            return null;
        }

        var local = d.ToDateTime(TimeOnly.MinValue);
        // Where the clocks go forward at midnight, that midnight does not exist: the day begins an hour later.
        return new DateTimeOffset(zone.IsInvalidTime(local) ? local.AddHours(1) : local, zone.GetUtcOffset(local)).ToUniversalTime();
    }
}
