using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using KeyPortal.Limits;
using Microsoft.Extensions.Primitives;

namespace KeyPortal.Api;

/// <summary>
/// What a client is told of its limits, in the words of draft-ietf-httpapi-ratelimit-headers-10 and in the older <c>X-RateLimit-*</c>, which know one limit: the tightest.
/// The same strings over HTTP and, for whoever answers the client itself, in JSON. Soft quotas are no part of them, for they refuse nothing.
/// </summary>
internal static class LimitHeaders
{
    public const string PolicyName = "RateLimit-Policy";
    public const string LimitName = "RateLimit";
    public const string TightestLimitName = "X-RateLimit-Limit";
    public const string TightestRemainingName = "X-RateLimit-Remaining";
    public const string TightestResetName = "X-RateLimit-Reset";
    public const string WarningName = "X-RateLimit-Warning";

    /// <summary>Every header but <c>Retry-After</c>, which is the problem's.</summary>
    public static readonly string[] Names = [PolicyName, LimitName, TightestLimitName, TightestRemainingName, TightestResetName, WarningName];

    /// <summary>A limit takes 80 bytes at most, and a key has <see cref="LimitCounters.MaxStandings"/>.</summary>
    private const int MostBytes = 1024;

    /// <summary>The field <c>headers</c> of a decision, with <c>Retry-After</c> where the call was refused and can pass some time.</summary>
    public static void Write(Utf8JsonWriter json, LimitReport report)
    {
        Span<byte> buffer = stackalloc byte[MostBytes];
        json.WriteStartObject("headers"u8);
        if (report.Tightest is >= 0 and var index)
        {
            var tightest = report.Standings[index];
            json.WriteString("RateLimit-Policy"u8, Policies(report, buffer));
            json.WriteString("RateLimit"u8, Standings(report, buffer));
            WriteNumber(json, "X-RateLimit-Limit"u8, tightest.Limit, buffer);
            WriteNumber(json, "X-RateLimit-Remaining"u8, tightest.Remaining, buffer);
            WriteNumber(json, "X-RateLimit-Reset"u8, ResetOf(tightest, report.At), buffer);
        }

        if (Warnings(report, buffer) is { Length: > 0 } warnings)
        {
            json.WriteString("X-RateLimit-Warning"u8, warnings);
        }

        if (report.RetryAfterSeconds is { } seconds)
        {
            WriteNumber(json, "Retry-After"u8, seconds, buffer);
        }

        json.WriteEndObject();
    }

    /// <summary>Sets the headers of an answer, of one report or of two side by side.</summary>
    public static void Set(IHeaderDictionary headers, LimitReport report, LimitReport? beside = null)
    {
        Span<byte> buffer = stackalloc byte[MostBytes];
        Add(headers, PolicyName, IsWhole(report) ? report.Limits.Policies : TextOf(Policies(report, buffer)));
        Add(headers, LimitName, TextOf(Standings(report, buffer)));
        Add(headers, WarningName, TextOf(Warnings(report, buffer)));
        if (beside is not null)
        {
            Add(headers, PolicyName, IsWhole(beside) ? beside.Limits.Policies : TextOf(Policies(beside, buffer)));
            Add(headers, LimitName, TextOf(Standings(beside, buffer)));
            Add(headers, WarningName, TextOf(Warnings(beside, buffer)));
        }

        if (TightestOf(report, beside) is { } tightest)
        {
            headers[TightestLimitName] = TextOf(tightest.Limit, buffer);
            headers[TightestRemainingName] = TextOf(tightest.Remaining, buffer);
            headers[TightestResetName] = TextOf(ResetOf(tightest, report.At), buffer);
        }
    }

    /// <summary>The headers an answer has by now, for one that has to begin anew.</summary>
    public static StringValues[] Of(IHeaderDictionary headers) => Array.ConvertAll(Names, name => headers[name]);

    public static void Restore(IHeaderDictionary headers, StringValues[] before)
    {
        for (var i = 0; i < Names.Length; i++)
        {
            headers[Names[i]] = before[i];
        }
    }

    /// <summary>No hard quota, and not only the key's own: then the policies are known beforehand.</summary>
    private static bool IsWhole(LimitReport report) => report.RateLimits == report.Standings.Length && report.RateLimits == report.Limits.RateLimits.Length;

    /// <summary><c>"burst";q=100;w=60, "quota-day";q=10000;w=86400</c>.</summary>
    private static ReadOnlySpan<byte> Policies(LimitReport report, Span<byte> buffer)
    {
        var text = new FieldText(buffer);
        if (report.RateLimits == report.Limits.RateLimits.Length)
        {
            text.Append(report.Limits.Policies);
        }
        else
        {
            foreach (var limit in report.Limits.RateLimits[..report.RateLimits])
            {
                text.Append(limit.Name, ";q="u8, limit.Limit, ";w="u8, limit.WindowSeconds);
            }
        }

        for (var i = report.RateLimits; i < report.Standings.Length; i++)
        {
            if (report.Binds(i) && report.QuotaOf(i) is var quota)
            {
                text.Append(quota.Name, ";q="u8, quota.Limit, ";w="u8, quota.Period.SecondsOf(quota.Period.NumberAt(report.At)));
            }
        }

        return text.Written;
    }

    /// <summary><c>"burst";r=0;t=18</c>. The draft lets <c>t</c> be left out, which it is where nothing is spent: more never becomes available then.</summary>
    private static ReadOnlySpan<byte> Standings(LimitReport report, Span<byte> buffer)
    {
        var text = new FieldText(buffer);
        for (var i = 0; i < report.Standings.Length; i++)
        {
            if (report.Binds(i))
            {
                var standing = report.Standings[i];
                text.Append(report.NameOf(i), ";r="u8, standing.Remaining, ";t="u8, standing.ResetSeconds == 0 ? null : standing.ResetSeconds);
            }
        }

        return text.Written;
    }

    /// <summary><c>"burst";used=85;limit=100</c>: the limits, soft quotas too, that are used to the share from which they warn.</summary>
    private static ReadOnlySpan<byte> Warnings(LimitReport report, Span<byte> buffer)
    {
        var text = new FieldText(buffer);
        for (var i = 0; i < report.Standings.Length; i++)
        {
            var standing = report.Standings[i];
            if (standing.Is(LimitMarks.Near))
            {
                text.Append(report.NameOf(i), ";used="u8, standing.Used, ";limit="u8, standing.Limit);
            }
        }

        return text.Written;
    }

    private static LimitStanding? TightestOf(LimitReport report, LimitReport? beside)
    {
        var first = Tightest(report);
        var second = beside is null ? null : Tightest(beside);
        return first is null || (second is { } other && other.IsTighterThan(first.Value)) ? second : first;
    }

    private static LimitStanding? Tightest(LimitReport report) => report.Tightest is >= 0 and var index ? report.Standings[index] : null;

    /// <summary>Seconds since 1970, rounded up: a client that waits until then is never early.</summary>
    private static long ResetOf(in LimitStanding standing, DateTimeOffset now) =>
        ((now.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond) + standing.WaitSeconds;

    private static void Add(IHeaderDictionary headers, string name, string text)
    {
        if (text.Length > 0)
        {
            headers[name] = headers[name] is [{ } before] ? $"{before}, {text}" : text;
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, long number, Span<byte> buffer) => json.WriteString(name, Formatted(number, buffer));

    private static string TextOf(long number, Span<byte> buffer) => TextOf(Formatted(number, buffer));

    private static string TextOf(ReadOnlySpan<byte> ascii) => Encoding.ASCII.GetString(ascii);

    private static ReadOnlySpan<byte> Formatted(long number, Span<byte> buffer)
    {
        Utf8Formatter.TryFormat(number, buffer, out var length);
        return buffer[..length];
    }

    /// <summary>A list of strings with whole numbers as parameters (RFC 9651), put together in place.</summary>
    private ref struct FieldText(Span<byte> buffer)
    {
        /// <summary>More digits no integer of a structured field has.</summary>
        private const long MostInteger = 999_999_999_999_999;

        private readonly Span<byte> _buffer = buffer;
        private int _length;

        public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

        public void Append(string items) => _length += Encoding.ASCII.GetBytes(items, _buffer[_length..]);

        /// <summary>One item; its name needs no escapes, for names are plain (see <see cref="LimitRules.NameForm"/>).</summary>
        public void Append(string name, ReadOnlySpan<byte> first, long firstNumber, ReadOnlySpan<byte> second, long? secondNumber)
        {
            if (_length > 0)
            {
                Append(", "u8);
            }

            Append("\""u8);
            Append(name);
            Append("\""u8);
            Append(first, firstNumber);
            if (secondNumber is { } number)
            {
                Append(second, number);
            }
        }

        private void Append(ReadOnlySpan<byte> parameter, long number)
        {
            Append(parameter);
            Utf8Formatter.TryFormat(Math.Min(number, MostInteger), _buffer[_length..], out var length);
            _length += length;
        }

        private void Append(ReadOnlySpan<byte> ascii)
        {
            ascii.CopyTo(_buffer[_length..]);
            _length += ascii.Length;
        }
    }
}
