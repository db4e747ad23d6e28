using System.Globalization;
using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Usage;

namespace KeyPortal.Api.HistoryCalls;

/// <summary>What the calls about a key's past take in their queries; an unknown parameter is refused.</summary>
internal static class HistoryQuery
{
    private static readonly TimeSpan Usual = TimeSpan.FromDays(1);

    /// <summary>From <c>from</c> (a day before the end) to <c>to</c> (now), by <c>interval</c> (the hour).</summary>
    public static Outcome<UsageSpan> ReadSpan(IQueryCollection query, DateTimeOffset now)
    {
        List<FieldError> errors = [];
        var values = Values(query, ["from", "to", "interval"], errors);
        DateTimeOffset? Instant(string name)
        {
            if (!values.TryGetValue(name, out var value))
            {
                return null;
            }

            if (WireTime.TryParse(value, out var at))
            {
                return at;
            }

            errors.Add(new FieldError("/" + name, WireTime.Rule));
            return null;
        }

        var (from, to) = (Instant("from"), Instant("to"));
        var interval = UsageInterval.Hour;
        if (values.TryGetValue("interval", out var word) && !SnakeCase.TryParse(word, out interval))
        {
            errors.Add(new FieldError("/interval", $"interval is one of {string.Join(", ", SnakeCase.AllOf<UsageInterval>())}."));
        }

        // The step that is running now belongs to what is asked for.
        var end = to ?? now.AddMilliseconds(1);
        return errors.Count > 0 ? Refusal.Invalid(errors) : UsageSpan.Of(from ?? (end - DateTimeOffset.UnixEpoch > Usual ? end - Usual : DateTimeOffset.UnixEpoch), end, interval, now);
    }

    /// <summary>How many entries, and below which number.</summary>
    public static Outcome<(int Limit, long? Before)> ReadPage(IQueryCollection query)
    {
        List<FieldError> errors = [];
        var values = Values(query, ["limit", "cursor"], errors);
        var limit = KeyCalls.ListQuery.DefaultLimit;
        if (values.TryGetValue("limit", out var rows) && !(int.TryParse(rows, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= AuditReader.MaxPageSize))
        {
            errors.Add(new FieldError("/limit", $"limit is a number from 1 to {AuditReader.MaxPageSize}."));
        }

        long before = 0;
        var hasCursor = values.TryGetValue("cursor", out var cursor);
        if (hasCursor && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            errors.Add(new FieldError("/cursor", "The cursor is not one that this list has answered with."));
        }

        return errors.Count > 0 ? Refusal.Invalid(errors) : (limit, hasCursor ? before : (long?)null);
    }

    private static Dictionary<string, string> Values(IQueryCollection query, string[] known, List<FieldError> errors)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, sent) in query)
        {
            if (name == "organization_id")
            {
                continue;
            }

            if (!known.Contains(name))
            {
                errors.Add(new FieldError("/" + name, $"{name} is not a parameter of this call."));
            }
            else if (sent is [{ } value])
            {
                values[name] = value;
            }
            else
            {
                errors.Add(new FieldError("/" + name, $"{name} is given more than once."));
            }
        }

        return values;
    }
}
