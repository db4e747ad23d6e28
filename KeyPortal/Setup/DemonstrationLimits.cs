using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Setup;

/// <summary>
/// Holds the demonstration's calls against the limits their keys have of their own, by the minute and the day, and remembers when they ran into them. Now and then
/// a key asks for more than it may, which tells a story.
/// </summary>
internal sealed class DemonstrationLimits(string organizationId, DateTimeOffset now)
{
    private readonly IReadOnlyList<Surge> _surges = SurgesOf(now);
    private readonly Dictionary<string, (int Day, long Used)> _days = [];
    private readonly Dictionary<string, LimitViolation> _latest = [];
    private readonly List<LimitViolation> _violations = [];

    /// <summary>What a key asks for in this stretch of time beyond its usual calls.</summary>
    public long SurgeOf(DemonstrationKey key, DateTimeOffset from, DateTimeOffset end) => _surges.Where(s => s.Key == key.Name).Sum(s => s.CallsWithin(from, end));

    /// <summary>How many of a stretch's calls pass (of a minute's, where the key has a rate limit), and what the others are refused with.</summary>
    public (long Passed, ValidationCode Refusal) Pass(DemonstrationKey key, DateTimeOffset from, DateTimeOffset end, long calls)
    {
        if (key.Input.RateLimits is [{ Name: { } name, Limit: { } most }] && calls > most)
        {
            Refuse(key, name, from, end, calls - most);
            return (most, ValidationCode.RateLimited);
        }

        if (key.Input.Quotas is [{ Limit: { } quota }])
        {
            var day = QuotaPeriod.Day.NumberAt(from);
            var used = _days.TryGetValue(key.Id, out var known) && known.Day == day ? known.Used : 0;
            var passed = Math.Min(calls, quota - used);
            _days[key.Id] = (day, used + passed);
            if (passed < calls)
            {
                Refuse(key, "quota-day", from, end, calls - passed);
                return (passed, ValidationCode.QuotaExceeded);
            }
        }

        return (calls, ValidationCode.RateLimited);
    }

    public async Task WriteAsync(IDbContextFactory<UsageDb> contexts, CancellationToken cancellationToken)
    {
        await using var db = contexts.CreateDbContext();
        db.AddRange(_violations);
        await db.SaveChangesAsync(cancellationToken);
    }

    private void Refuse(DemonstrationKey key, string limitName, DateTimeOffset from, DateTimeOffset end, long calls)
    {
        // Room is spent some way into the stretch, and its last call comes before its end.
        var (first, last) = (from.AddSeconds(21), end.AddSeconds(-4));
        if (!_latest.TryGetValue(key.Id, out var violation) || first - violation.LastAt > LimitViolation.Gap)
        {
            violation = _latest[key.Id] = new LimitViolation
            {
                Id = EntityId.New("lim", first),
                OrganizationId = organizationId,
                KeyId = key.Id,
                LimitName = limitName,
                StartedAt = first,
                LastAt = first,
                Refused = 0,
                Addresses = [],
            };
            _violations.Add(violation);
        }

        (violation.LastAt, violation.Refused) = (last > violation.LastAt ? last : violation.LastAt, violation.Refused + calls);
        violation.Addresses = Share(key, violation.Refused);
    }

    /// <summary>Most from where the key is always called, some from machines beside it; a publishable key's from as many browsers as are told apart.</summary>
    private static List<AddressCount> Share(DemonstrationKey key, long refused)
    {
        var network = key.Ip![..(key.Ip!.LastIndexOf('.') + 1)];
        string[] others = key.Type == KeyType.Publishable ? [.. Enumerable.Range(0, LimitViolation.MostAddresses - 1).Select(i => $"{network}{11 + (i * 12)}")] : [key.OtherIp!, network + "201", network + "204"];
        List<AddressCount> counts = [];
        var left = refused;
        for (var i = 0; i < others.Length; i++)
        {
            var some = refused / (6 * (i + 1));
            if (some > 0 && some < left)
            {
                counts.Add(new AddressCount(others[i], some));
                left -= some;
            }
        }

        counts.Add(new AddressCount(key.Ip!, left));
        return [.. counts.OrderByDescending(c => c.Count)];
    }

    private static List<Surge> SurgesOf(DateTimeOffset now)
    {
        DateTimeOffset At(int day, int hour, int minute) => DemonstrationKeys.Day(now, day, hour, minute);
        DateTimeOffset Ago(double hours) => DemonstrationKeys.Day(now, 0, now.Hour, now.Minute).AddMinutes(-(int)(hours * 60));

        return
        [
            // A month of invoices is sent once more.
            new(DemonstrationKeys.Invoices, At(-9, 11, 5), TimeSpan.FromHours(2), 200),
            // A release of the app asks twice.
            new(DemonstrationKeys.Mobile, At(-3, 19, 20), TimeSpan.FromMinutes(22), 130),
            new(DemonstrationKeys.Mobile, At(-2, 18, 45), TimeSpan.FromMinutes(9), 118),
            // A queue that had stood still is worked off.
            new(DemonstrationKeys.Fraud, Ago(5.2), TimeSpan.FromMinutes(14), 130),
            // Deployments run their tests all at once.
            new(DemonstrationKeys.Staging, At(-14, 15, 30), TimeSpan.FromMinutes(3), 44),
            new(DemonstrationKeys.Staging, At(-6, 10, 12), TimeSpan.FromMinutes(2), 61),
            new(DemonstrationKeys.Staging, Ago(20.4), TimeSpan.FromMinutes(1), 52),
            new(DemonstrationKeys.Staging, Ago(8.7), TimeSpan.FromMinutes(2), 38),
            new(DemonstrationKeys.Staging, Ago(2.1), TimeSpan.FromMinutes(3), 57),
        ];
    }

    private sealed record Surge(string Key, DateTimeOffset From, TimeSpan Length, int CallsPerMinute)
    {
        public long CallsWithin(DateTimeOffset from, DateTimeOffset end)
        {
            var (first, last) = (from > From ? from : From, end < From + Length ? end : From + Length);
            return last > first ? (long)((last - first).TotalMinutes * CallsPerMinute) : 0;
        }
    }
}
