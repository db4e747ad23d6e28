using KeyPortal.Keys;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Usage;

public sealed class UsageRecorderTests
{
    [Fact]
    public async Task Thirty_two_recorders_at_once_lose_nothing_while_flushes_run_between()
    {
        const int Recorders = 32, Each = 20_000;
        using var file = new UsageFile();
        var recorder = new UsageRecorder(new ValidationLatency());
        using var writer = file.Writer(recorder);
        var left = Recorders;
        using var flushed = new ManualResetEventSlim();
        var threads = Enumerable.Range(0, Recorders).Select(n => new Thread(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                if (i == Each / 2)
                {
                    flushed.Wait();
                }

                recorder.Record(file.Event((ValidationCode)(i % 3), $"key_{n % 5}"));
            }

            Interlocked.Decrement(ref left);
        })).ToList();

        threads.ForEach(t => t.Start());
        var flushes = 0;
        while (Volatile.Read(ref left) > 0)
        {
            (await writer.FlushAsync()).ShouldBeTrue();
            flushes++;
            flushed.Set();
        }

        threads.ForEach(t => t.Join());
        (await writer.FlushAsync()).ShouldBeTrue();

        flushes.ShouldBeGreaterThan(0);
        (await file.TotalAsync()).ShouldBe(Recorders * Each);
        await using var db = file.CreateDbContext();
        var expected = Enumerable.Range(0, Recorders)
            .SelectMany(n => Enumerable.Range(0, 3).Select(code => (Key: $"key_{n % 5}", Code: (ValidationCode)code, Count: (long)((Each / 3) + (code < Each % 3 ? 1 : 0)))))
            .GroupBy(c => (c.Key, c.Code)).ToDictionary(g => g.Key, g => g.Sum(c => c.Count));
        (await db.Set<HourRollup>().ToListAsync()).ToDictionary(r => (r.KeyId, r.Code), r => r.Count).ShouldBe(expected, ignoreOrder: true);
    }

    [Fact]
    public async Task Calls_a_minute_apart_are_kept_apart_by_the_minute_and_together_by_the_hour()
    {
        using var file = new UsageFile();
        var recorder = new UsageRecorder(new ValidationLatency());
        using var writer = file.Writer(recorder);

        recorder.Record(file.Event());
        file.Clock.Advance(TimeSpan.FromMinutes(1));
        recorder.Record(file.Event());
        recorder.Record(file.Event());
        await writer.FlushAsync();

        await using var db = file.CreateDbContext();
        (await db.Set<MinuteRollup>().OrderBy(r => r.Minute).Select(r => r.Count).ToListAsync()).ShouldBe([1, 2]);
        (await db.Set<HourRollup>().Select(r => r.Count).ToListAsync()).ShouldBe([3]);
    }

    [Fact]
    public async Task A_call_with_an_unknown_key_counts_for_the_organization_alone()
    {
        using var file = new UsageFile();
        var recorder = new UsageRecorder(new ValidationLatency());
        using var writer = file.Writer(recorder);

        recorder.Record(file.Event(ValidationCode.Malformed, keyId: null));
        await writer.FlushAsync();

        await using var db = file.CreateDbContext();
        var row = await db.Set<HourRollup>().SingleAsync();
        (row.OrganizationId, row.KeyId, row.SecretVersion, row.Code, row.Count).ShouldBe(("org_1", "", 0, ValidationCode.Malformed, 1));
    }

    [Fact]
    public void Cells_stay_bounded_through_a_long_outage_and_every_call_is_in_the_total()
    {
        using var file = new UsageFile();
        var recorder = new UsageRecorder(new ValidationLatency(), minuteCells: 100, hourCells: 300);
        const int Keys = 50, Minutes = 24 * 60;
        for (var minute = 0; minute < Minutes; minute++)
        {
            for (var key = 0; key < Keys; key++)
            {
                recorder.Record(file.Event(keyId: $"key_{key}"));
            }

            file.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        var cells = new Dictionary<UsageCell, long>();
        recorder.TakeCounts(cells);

        cells.Values.Sum().ShouldBe(Keys * Minutes);
        cells.Count.ShouldBeLessThanOrEqualTo(300 + 24);
        cells.Keys.Where(c => c.KeyId.Length == 0).ShouldAllBe(c => c.Minute % 60 == 0);
    }

    [Fact]
    public void Beyond_the_first_bound_a_call_stands_at_the_full_hour_of_its_key()
    {
        using var file = new UsageFile();
        var recorder = new UsageRecorder(new ValidationLatency(), minuteCells: 1, hourCells: 1_000_000);
        file.Clock.Set(new DateTimeOffset(2026, 11, 21, 9, 41, 0, TimeSpan.Zero));
        for (var i = 0; i < 1000; i++)
        {
            recorder.Record(file.Event(keyId: $"key_{i}"));
        }

        var cells = new Dictionary<UsageCell, long>();
        recorder.TakeCounts(cells);

        cells.Count.ShouldBe(1000);
        cells.Keys.Count(c => UsageTime.AtMinute(c.Minute).Minute == 41).ShouldBeInRange(1, Environment.ProcessorCount);
        cells.Keys.Count(c => UsageTime.AtMinute(c.Minute) == new DateTimeOffset(2026, 11, 21, 9, 0, 0, TimeSpan.Zero)).ShouldBeGreaterThan(900);
    }

    [Fact]
    public void A_call_like_one_before_makes_no_object_however_long_its_demand()
    {
        var recorder = new UsageRecorder(new ValidationLatency());
        ScopeExpression Demand() => ScopeExpression.TryParse("triggers:read AND (triggers:write OR events:read)", out var demand) ? demand : throw new InvalidOperationException();
        UsageEvent Call(ScopeExpression demand) => new(TestClock.Start, "org_1", "key_1", 1, ValidationCode.Valid, "203.0.113.9", TimeSpan.Zero) { Needed = demand };
        for (var i = 0; i < 1000; i++)
        {
            // On every processor's stripe, and past the first compilation.
            recorder.Record(Call(Demand()));
        }

        var (first, second) = (Call(Demand()), Call(Demand()));
        var least = long.MaxValue;
        for (var i = 0; i < 100; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            recorder.Record(first);
            recorder.Record(second);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        least.ShouldBe(0);
        var tallies = new Dictionary<TallyCell, long>();
        recorder.TakeTallies(tallies);
        tallies.ShouldHaveSingleItem().Value.ShouldBe(1200);
    }

    [Fact]
    public void Demands_made_up_for_each_call_fill_no_memory_and_known_ones_go_on_counting()
    {
        var recorder = new UsageRecorder(new ValidationLatency(), minuteCells: 1_000_000, hourCells: 1_000_000, tallyCells: 1);
        for (var i = 0; i < 500; i++)
        {
            recorder.Add(new TallyCell(1, "key_1", null, $"10.0.{i / 250}.{i % 250}"), 1);
        }

        var tallies = new Dictionary<TallyCell, long>();
        recorder.TakeTallies(tallies);

        tallies.Count.ShouldBeInRange(1, Environment.ProcessorCount);
    }
}
