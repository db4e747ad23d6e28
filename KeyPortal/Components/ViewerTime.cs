using Microsoft.JSInterop;

namespace KeyPortal.Components;

/// <summary>Says instants in the viewer's time zone, which only the browser knows; UTC until it has told.</summary>
public sealed class ViewerTime(IJSRuntime browser, TimeProvider clock)
{
    private TimeZoneInfo _zone = TimeZoneInfo.Utc;

    public TimeZoneInfo Zone => _zone;

    public DateTimeOffset Now => clock.GetUtcNow();

    public DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, _zone);

    /// <summary>The instant a wall clock of the viewer's showed <paramref name="local"/>; in the hour that a change of clocks skips, the one after it.</summary>
    public DateTimeOffset Instant(DateTime local)
    {
        var wall = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        wall = _zone.IsInvalidTime(wall) ? wall.AddHours(1) : wall;
        return new DateTimeOffset(wall, _zone.GetUtcOffset(wall)).ToUniversalTime();
    }

    /// <summary>Asks the browser once; true when the zone is another than before.</summary>
    public async Task<bool> LearnAsync()
    {
        var name = await browser.InvokeAsync<string>("keyportal.timeZone");
        // A server without tzdata knows no zones; UTC, named, is then the honest answer.
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) || zone.Id == _zone.Id)
        {
            return false;
        }

        _zone = zone;
        return true;
    }

    /// <summary>The whole instant, zone named: <c>21 November 2026, 10:42:07 (Europe/Zurich)</c>.</summary>
    public string Exact(DateTimeOffset at) => $"{Local(at):d MMMM yyyy, HH:mm:ss} ({_zone.Id})";

    public string Day(DateTimeOffset at) => $"{Local(at):d MMMM yyyy}";

    /// <summary><c>2 min ago</c>, <c>in 61 days</c>, <c>just now</c>.</summary>
    public string Relative(DateTimeOffset at)
    {
        var distance = at - Now;
        var span = distance.Duration();
        var amount = span switch
        {
            { TotalSeconds: < 60 } => null,
            { TotalMinutes: < 60 } => $"{(int)span.TotalMinutes} min",
            { TotalHours: < 48 } => $"{(int)span.TotalHours} h",
            _ => $"{(int)Math.Round(span.TotalDays)} days",
        };
        return amount is null ? (distance > TimeSpan.Zero ? "in under a minute" : "just now") : distance > TimeSpan.Zero ? $"in {amount}" : $"{amount} ago";
    }
}
