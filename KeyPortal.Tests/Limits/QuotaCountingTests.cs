using KeyPortal.Limits;

namespace KeyPortal.Tests.Limits;

/// <summary>Quotas in memory: their calendar, when a counter may go, and what a reading from the disk may still say.</summary>
public sealed class QuotaCountingTests
{
    private static readonly Quota TenADay = new(QuotaPeriod.Day, 10);

    [Theory]
    [InlineData("2026-11-30T23:59:59Z", "2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z", 86_400, 30 * 86_400)]
    [InlineData("2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z", "2028-03-01T00:00:00Z", 86_400, 29 * 86_400)]
    [InlineData("2026-12-31T12:00:00Z", "2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z", 86_400, 31 * 86_400)]
    [InlineData("2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z", "2027-02-01T00:00:00Z", 86_400, 31 * 86_400)]
    public void Quota_periods_are_days_and_months_of_the_utc_calendar(string at, string dayEnds, string monthEnds, long daySeconds, long monthSeconds)
    {
        var now = DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture);
        var (day, month) = (QuotaPeriod.Day.NumberAt(now), QuotaPeriod.Month.NumberAt(now));
        QuotaPeriod.Day.EndOf(day).ShouldBe(DateTimeOffset.Parse(dayEnds, System.Globalization.CultureInfo.InvariantCulture));
        QuotaPeriod.Month.EndOf(month).ShouldBe(DateTimeOffset.Parse(monthEnds, System.Globalization.CultureInfo.InvariantCulture));
        (QuotaPeriod.Day.SecondsOf(day), QuotaPeriod.Month.SecondsOf(month)).ShouldBe((daySeconds, monthSeconds));
    }

    [Fact]
    public void A_quota_that_is_not_on_the_disk_keeps_its_counter()
    {
        var counted = new Counted().Set([], [TenADay]);
        counted.Name();
        Know(counted);
        counted.Pass(3);
        for (var i = 0; i < 3; i++)
        {
            counted.Counters.Sweep();
        }

        counted.Counters.Count.ShouldBe(1);
        var batch = counted.Counters.TakeQuotas();
        batch.Totals.ShouldHaveSingleItem().Value.Used.ShouldBe(3);
        counted.Counters.Sweep();
        counted.Counters.Count.ShouldBe(1, "it is on its way and not there");
        counted.Counters.Ledger.Written(batch);
        counted.Counters.Sweep();
        counted.Counters.Count.ShouldBe(0);
    }

    [Fact]
    public void A_reading_that_was_overtaken_while_the_quota_was_off_the_key_says_nothing()
    {
        var counted = new Counted().Set([], [TenADay]);
        counted.Name();
        var stale = counted.Counters.Asked;
        Know(counted);
        counted.Pass(3).ShouldBe(3);
        counted.Set(Counted.Fixed(100, 60)).Pass(1).ShouldBe(1);
        counted.Set([], [TenADay]).Name();

        Tell(counted, used: 0, stale);

        counted.Name();
        var today = QuotaPeriod.Day.NumberAt(counted.Clock.Now);
        var left = counted.Counters.Ledger.Leaving(new QuotaKey(counted.Key.KeyId, QuotaPeriod.Day, today));
        left.Used.ShouldBe(3);
        Tell(counted, left.Used, counted.Counters.Asked);
        counted.Pass(10).ShouldBe(7);
    }

    [Fact]
    public void A_reading_that_was_overtaken_by_a_clock_set_there_and_back_says_nothing()
    {
        var counted = new Counted().Set([], [TenADay]);
        counted.Name();
        var stale = counted.Counters.Asked;
        Know(counted);
        counted.Pass(4).ShouldBe(4);
        counted.Clock.ShiftWall(TimeSpan.FromDays(1));
        counted.Name();
        counted.Clock.ShiftWall(TimeSpan.FromDays(-1));
        counted.Name();

        Tell(counted, used: 0, stale);

        counted.Name();
    }

    private static void Know(Counted counted) => Tell(counted, used: 0, counted.Counters.Asked);

    private static void Tell(Counted counted, long used, long asked) =>
        counted.Counters.Tell(counted.Key, QuotaPeriod.Day, QuotaPeriod.Day.NumberAt(counted.Clock.Now), new QuotaTotal(used, 0), asked);
}
