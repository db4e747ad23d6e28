using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Usage;

namespace KeyPortal.Setup;

/// <summary>
/// Thirty days of calls: each key in its rhythm of day and week, held against its limits, and now and then a burst of refusals that tells a story. The shape is the same each time it is
/// made; only the day it ends on differs.
/// </summary>
internal sealed class DemonstrationTraffic(UsageRecorder recorder, RollupWriter rollups, DemonstrationLimits limits, string organizationId, DateTimeOffset now)
{
    private const int Days = 30;

    /// <summary>Of a hundred calls to a rotated key, how many still come with its old secret.</summary>
    private const int StillOld = 12;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Fine = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Coarse = TimeSpan.FromHours(1);

    public async Task PlayAsync(IReadOnlyList<DemonstrationKey> keys, CancellationToken cancellationToken)
    {
        var today = DemonstrationKeys.Day(now, 0, 0, 0);
        for (var day = -Days; day <= 0; day++)
        {
            for (var i = 0; i < keys.Count; i++)
            {
                PlayDay(keys[i], today.AddDays(day), seed: i);
                if (keys[i].Input.RateLimits.Count > 0)
                {
                    // The recorder keeps only so many minutes apart.
                    await rollups.FlushAsync(cancellationToken);
                }
            }

            await rollups.FlushAsync(cancellationToken);
        }

        foreach (var burst in Bursts(keys))
        {
            Play(burst);
        }

        var gateway = keys.Single(k => k.Name == DemonstrationKeys.Gateway);
        Use(gateway, now.AddSeconds(-3));
        var partner = keys.Single(k => k.Name == DemonstrationKeys.Partner);
        Use(partner, partner.Until!.Value);
    }

    private void PlayDay(DemonstrationKey key, DateTimeOffset day, int seed)
    {
        // Limits count by the minute. Of other keys only the charts of the last days look closer than an hour.
        var step = key.Input.RateLimits.Count > 0 ? Minute : day >= now - RollupWriter.MinutesKeptFor ? Fine : Coarse;
        for (var from = day; from < day.AddDays(1) && from < now && key.CallsPerDay > 0; from += step)
        {
            var end = Earliest(from + step, now, key.Until ?? now);
            if (from >= key.CreatedAt && end > from)
            {
                PlayStep(key, from, end, seed);
            }
        }
    }

    private void PlayStep(DemonstrationKey key, DateTimeOffset from, DateTimeOffset end, int seed)
    {
        var middle = from + ((end - from) / 2);
        var expected = key.CallsPerDay * (end - from).TotalDays * Weight(key.Rhythm, middle)
            * (0.85 + (0.3 * Chance(seed, from.UtcTicks))) * (0.92 + (0.16 * Chance(seed, from.UtcDateTime.Date.Ticks)));
        var wanted = Whole(expected, Chance(seed + 100, from.UtcTicks)) + limits.SurgeOf(key, from, end);
        var (calls, spent) = limits.Pass(key, from, end, wanted);
        Count(key.Id, spent, from, wanted - calls);
        var refused = Whole(calls * key.Refused.Share, Chance(seed + 200, from.UtcTicks));
        Count(key.Id, key.Refused.Code, from, refused);
        var superseded = from >= key.RotatedAt ? (calls - refused) * StillOld / 100 : 0;
        Count(key.Id, ValidationCode.Valid, from, superseded);
        Count(key.Id, ValidationCode.Valid, from, calls - refused - superseded, from >= key.RotatedAt ? 2 : 1);
        Tally(key, from, calls - refused, Chance(seed + 400, from.UtcTicks));
        if (calls > refused)
        {
            Use(key, end - ((end - from) * 0.3 * Chance(seed + 300, from.UtcTicks)));
        }
    }

    /// <summary>What the calls asked for: the key's first scope half of the time, the next a quarter; now and then from the machine next door.</summary>
    private void Tally(DemonstrationKey key, DateTimeOffset at, long calls, double chance)
    {
        var day = UsageTime.DayOf(at);
        var elsewhere = Whole(calls * 0.03, chance);
        for (var i = 0; i < key.Demands.Count && calls > 0; i++)
        {
            var some = i == key.Demands.Count - 1 ? calls : (calls + 1) / 2;
            var there = Math.Min(some, elsewhere);
            AddTally(new TallyCell(day, key.Id, key.Demands[i], key.Ip), some - there);
            AddTally(new TallyCell(day, key.Id, key.Demands[i], key.OtherIp), there);
            (calls, elsewhere) = (calls - some, elsewhere - there);
        }
    }

    private void AddTally(in TallyCell cell, long count)
    {
        if (count > 0)
        {
            recorder.Add(cell, count);
        }
    }

    /// <summary>The stories: a scan with made-up keys, a key that leaked and was cut off, a deployment that asked for too much.</summary>
    private IEnumerable<Burst> Bursts(IReadOnlyList<DemonstrationKey> keys)
    {
        DateTimeOffset At(int day, int hour, int minute) => DemonstrationKeys.Day(now, day, hour, minute);
        string Id(string name) => keys.Single(k => k.Name == name).Id;

        yield return new("", ValidationCode.Malformed, At(-9, 22, 5), TimeSpan.FromMinutes(50), 21_000);
        yield return new("", ValidationCode.NotFound, now.AddHours(-7), TimeSpan.FromMinutes(55), 3_800);
        yield return new(Id(DemonstrationKeys.Partner), ValidationCode.Disabled, At(-12, 6, 0), TimeSpan.FromHours(3), 1_800);
        yield return new(Id(DemonstrationKeys.Sandbox), ValidationCode.Expired, now.AddDays(-12).AddMinutes(5), TimeSpan.FromHours(26), 900);
        yield return new(Id(DemonstrationKeys.Invoices), ValidationCode.InsufficientScope, At(-5, 13, 40), TimeSpan.FromMinutes(95), 7_400);
        yield return new(Id(DemonstrationKeys.Fraud), ValidationCode.IpNotAllowed, At(-4, 11, 10), TimeSpan.FromMinutes(100), 640);
        yield return new(Id(DemonstrationKeys.Leaked), ValidationCode.Revoked, At(-3, 11, 25), TimeSpan.FromHours(9), 5_200);
        yield return new(Id(DemonstrationKeys.Checkout), ValidationCode.OriginNotAllowed, now.AddHours(-16), TimeSpan.FromMinutes(80), 2_300);
    }

    private void Play(Burst burst)
    {
        var steps = (int)(burst.Length / Fine);
        for (var i = 0; i < steps; i++)
        {
            // Rises fast and dies away; the shares add up to one.
            var share = 2.0 * (steps - i) / ((double)steps * (steps + 1));
            Count(burst.KeyId, burst.Code, burst.From + (Fine * i), Whole(burst.Count * share, Chance(burst.Count, i)));
        }
    }

    private void Count(string keyId, ValidationCode code, DateTimeOffset at, long count, int version = 1)
    {
        if (count > 0 && at < now)
        {
            var minute = UsageTime.MinuteOf(at);
            // Older minutes are not kept; their hours are.
            minute -= at < now - RollupWriter.MinutesKeptFor ? minute % UsageTime.MinutesPerHour : 0;
            recorder.Add(new UsageCell(minute, organizationId, keyId, keyId.Length == 0 ? 0 : version, code), count);
        }
    }

    private void Use(DemonstrationKey key, DateTimeOffset at) => recorder.Touch(organizationId, key.Id, version: 1, at, key.Ip);

    /// <summary>How much busier than on average a moment is.</summary>
    private static double Weight(Rhythm rhythm, DateTimeOffset at)
    {
        var hour = at.TimeOfDay.TotalHours;
        var weekend = at.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
        return rhythm switch
        {
            Rhythm.Office => (1 - (0.72 * Math.Cos(2 * Math.PI * (hour - 1.5) / 24))) * (weekend ? 0.45 : 1.2),
            Rhythm.Evening => (1 - (0.66 * Math.Cos(2 * Math.PI * (hour - 7) / 24))) * (weekend ? 1.25 : 0.9),
            Rhythm.Night => hour is >= 2 and < 4 ? 12 : 0,
            _ => at.DayOfWeek == DayOfWeek.Monday && hour is >= 6 and < 9 ? 56 : 0,
        };
    }

    private static long Whole(double expected, double chance) => (long)Math.Floor(expected + chance);

    /// <summary>From 0 to 1, the same for the same two numbers: the finalizer of SplitMix64.</summary>
    private static double Chance(int seed, long number)
    {
        var mixed = unchecked(((ulong)number * 0x9E3779B97F4A7C15UL) + ((ulong)seed * 0xD1B54A32D192ED03UL));
        mixed = unchecked((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL);
        mixed = unchecked((mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL);
        return ((mixed ^ (mixed >> 31)) >> 11) * (1.0 / (1UL << 53));
    }

    private static DateTimeOffset Earliest(params ReadOnlySpan<DateTimeOffset> instants)
    {
        var earliest = instants[0];
        foreach (var instant in instants)
        {
            earliest = instant < earliest ? instant : earliest;
        }

        return earliest;
    }

    private sealed record Burst(string KeyId, ValidationCode Code, DateTimeOffset From, TimeSpan Length, int Count);
}
