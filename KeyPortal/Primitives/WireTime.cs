using System.Globalization;
using System.Text.RegularExpressions;

namespace KeyPortal.Primitives;

/// <summary>RFC 3339 on the wire.</summary>
internal static partial class WireTime
{
    public const string Rule = "An instant is RFC 3339 with an offset, between 1970 and 9999: 2027-01-31T09:00:00Z.";

    /// <summary>In UTC with a <c>Z</c>; fractions only where there are any.</summary>
    public static string Of(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'");

    /// <summary>Whole seconds as a span. What no span holds becomes a century, which every rule about spans refuses.</summary>
    public static TimeSpan Span(long seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, -1, 3_155_760_000));

    public static string? Of(DateTimeOffset? at) => at is { } instant ? Of(instant) : null;

    /// <summary>Reads <c>2027-01-31T09:00:00.5+01:00</c>, down to the millisecond; false for every other form and for what no store holds.</summary>
    public static bool TryParse(string? text, out DateTimeOffset at)
    {
        at = default;
        if (text is null || text.Length > 64 || Form().Match(text) is not { Success: true } match
            || !DateTime.TryParseExact(match.Groups["local"].Value.ToUpperInvariant(), "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            return false;
        }

        var ticks = local.Ticks + Milliseconds(match.Groups["fraction"].ValueSpan);
        if (match.Groups["sign"].Success)
        {
            var (hours, minutes) = (int.Parse(match.Groups["hours"].ValueSpan), int.Parse(match.Groups["minutes"].ValueSpan));
            if (hours > 23 || minutes > 59)
            {
                return false;
            }

            ticks -= (match.Groups["sign"].Value == "-" ? -1 : 1) * ((hours * TimeSpan.TicksPerHour) + (minutes * TimeSpan.TicksPerMinute));
        }

        if (ticks < DateTime.UnixEpoch.Ticks || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        at = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    /// <summary>The first three digits of a fraction, in ticks: an instant is kept to the millisecond, here as everywhere.</summary>
    private static long Milliseconds(ReadOnlySpan<char> fraction)
    {
        var milliseconds = 0;
        for (var i = 0; i < 3; i++)
        {
            milliseconds = (milliseconds * 10) + (i < fraction.Length ? fraction[i] - '0' : 0);
        }

        return milliseconds * TimeSpan.TicksPerMillisecond;
    }

    [GeneratedRegex(@"^(?<local>[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2})(\.(?<fraction>[0-9]+))?([Zz]|(?<sign>[+-])(?<hours>[0-9]{2}):(?<minutes>[0-9]{2}))\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
