using System.Runtime.InteropServices;
using KeyPortal.Keys;

namespace KeyPortal.Usage;

/// <summary>
/// Counts validations where they happen: an event is folded into a cell in memory at once and forgotten, so that there is no queue to overflow
/// and nothing to wait for. <see cref="RollupWriter"/> takes the cells away once a second. See docs/decisions/0009-usage-counted-in-place.md.
/// </summary>
public sealed class UsageRecorder
{
    /// <summary>Beyond so many cells (a long outage of the disk) counts go to the hour.</summary>
    private const int MinuteCells = 200_000;

    /// <summary>Beyond so many, about 100 MB, counts go to the organization and hour alone.</summary>
    private const int HourCells = 1_000_000;

    /// <summary>Beyond so many (a long outage of the disk, or callers that make up a demand a call) no new demand or address is kept, only the call.</summary>
    private const int TallyCells = 50_000;

    /// <summary>More would leave each too small a part of the bounds.</summary>
    private const int MostStripes = 16;

    private const int LongestAddress = 45;

    // By processor and not by key: one busy key is the usual case, and its counts must not all meet in one place.
    private readonly Stripe[] _stripes;
    private readonly ValidationLatency _latency;
    private readonly int _minuteCells;
    private readonly int _hourCells;
    private readonly int _tallyCells;

    public UsageRecorder(ValidationLatency latency) : this(latency, MinuteCells, HourCells)
    {
    }

    internal UsageRecorder(ValidationLatency latency, int minuteCells, int hourCells, int tallyCells = TallyCells)
    {
        _latency = latency;
        _stripes = [.. Enumerable.Range(0, Math.Clamp(Environment.ProcessorCount, 1, MostStripes)).Select(_ => new Stripe())];
        _minuteCells = Math.Max(1, minuteCells / _stripes.Length);
        _hourCells = Math.Max(1, hourCells / _stripes.Length);
        _tallyCells = Math.Max(1, tallyCells / _stripes.Length);
    }

    /// <summary>Counts one validation; never waits for a disk.</summary>
    public void Record(in UsageEvent validation)
    {
        _latency.Add(validation.Took);
        var cell = UsageCell.Of(validation);
        var stripe = Here();
        lock (stripe.Changing)
        {
            Fold(stripe, cell, 1);
            if (validation is { Code: ValidationCode.Valid, KeyId: { } keyId })
            {
                var ip = Address(validation.Ip);
                Use(stripe.Uses, new UsedSecret(keyId, validation.SecretVersion), new LastUse(validation.OrganizationId, validation.At, ip));
                FoldTally(stripe, TallyCell.Of(validation, keyId, ip), 1);
            }
        }
    }

    /// <summary>Notes that a management call was made with this key: moves its last use, counts no validation.</summary>
    public void Touch(string organizationId, string keyId, int version, DateTimeOffset at, string? ip)
    {
        var stripe = Here();
        lock (stripe.Changing)
        {
            Use(stripe.Uses, new UsedSecret(keyId, version), new LastUse(organizationId, at, Address(ip)));
        }
    }

    /// <summary>Adds validations that were counted elsewhere.</summary>
    internal void Add(in UsageCell cell, long count)
    {
        var stripe = Here();
        lock (stripe.Changing)
        {
            Fold(stripe, cell, count);
        }
    }

    /// <summary>Adds what valid calls that were counted elsewhere asked for, and where they came from.</summary>
    internal void Add(in TallyCell cell, long count)
    {
        var stripe = Here();
        lock (stripe.Changing)
        {
            FoldTally(stripe, cell, count);
        }
    }

    /// <summary>Takes all counts away and adds them to <paramref name="into"/>. One caller at a time.</summary>
    internal void TakeCounts(Dictionary<UsageCell, long> into)
    {
        foreach (var stripe in _stripes)
        {
            Dictionary<UsageCell, long>? counts;
            lock (stripe.Changing)
            {
                counts = stripe.Counts.Take();
            }

            Merge(stripe.Counts, counts, into);
        }
    }

    /// <summary>Takes all tallies away and adds them to <paramref name="into"/>. One caller at a time.</summary>
    internal void TakeTallies(Dictionary<TallyCell, long> into)
    {
        foreach (var stripe in _stripes)
        {
            Dictionary<TallyCell, long>? tallies;
            lock (stripe.Changing)
            {
                tallies = stripe.Tallies.Take();
            }

            Merge(stripe.Tallies, tallies, into);
        }
    }

    /// <summary>Takes all last uses away and merges them into <paramref name="into"/>. One caller at a time.</summary>
    internal void TakeUses(Dictionary<UsedSecret, LastUse> into)
    {
        foreach (var stripe in _stripes)
        {
            Dictionary<UsedSecret, LastUse> taken;
            lock (stripe.Changing)
            {
                (taken, stripe.Uses) = (stripe.Uses, []);
            }

            foreach (var (secret, use) in taken)
            {
                Use(into, secret, use);
            }
        }
    }

    private Stripe Here() => _stripes[(uint)Thread.GetCurrentProcessorId() % (uint)_stripes.Length];

    private void Fold(Stripe stripe, in UsageCell cell, long count)
    {
        var cells = stripe.Counts.Cells;
        stripe.Counts.Add(cells < _minuteCells ? cell : cells < _hourCells ? cell.InHour() : cell.InHour().WithoutKey(), count);
    }

    private void FoldTally(Stripe stripe, in TallyCell cell, long count)
    {
        if (stripe.Tallies.Cells < _tallyCells)
        {
            stripe.Tallies.Add(cell, count);
        }
        else
        {
            stripe.Tallies.TryAdd(cell, count);
        }
    }

    private static void Merge<TCell>(FoldedCounts<TCell> from, Dictionary<TCell, long>? taken, Dictionary<TCell, long> into) where TCell : notnull
    {
        if (taken is null)
        {
            return;
        }

        foreach (var (cell, count) in taken)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(into, cell, out _) += count;
        }

        from.GiveBack(taken);
    }

    private static void Use(Dictionary<UsedSecret, LastUse> uses, UsedSecret secret, in LastUse use)
    {
        ref var newest = ref CollectionsMarshal.GetValueRefOrAddDefault(uses, secret, out var known);
        if (!known || newest.At <= use.At)
        {
            newest = use;
        }
    }

    /// <summary>What a caller names as an address may be anything; what cannot be one is not kept until it is written.</summary>
    private static string? Address(string? ip) => ip is { Length: <= LongestAddress } ? ip : null;

    private sealed class Stripe
    {
        public readonly Lock Changing = new();

        public readonly FoldedCounts<UsageCell> Counts = new();

        public readonly FoldedCounts<TallyCell> Tallies = new();

        public Dictionary<UsedSecret, LastUse> Uses = [];
    }
}
