using KeyPortal.Limits;
using KeyPortal.Tests.Usage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace KeyPortal.Tests.Limits;

/// <summary>What a program knows of quotas that another run of it has written, however that one ended.</summary>
public sealed class QuotaFileTests : IDisposable
{
    private static readonly Quota TenADay = new(QuotaPeriod.Day, 10, QuotaMode.Hard, 50);

    private readonly UsageFile _file = new();
    private readonly LimitWarnings _warnings = new(NullLogger<LimitWarnings>.Instance);
    private readonly Counted _counted;
    private readonly QuotaUses _uses;

    public QuotaFileTests()
    {
        _counted = new Counted(_file.Clock).Set([], [TenADay]);
        _uses = Uses(_counted);
    }

    public void Dispose()
    {
        _uses.Dispose();
        _file.Dispose();
    }

    [Fact]
    public async Task A_warning_is_told_once_a_period_however_seldom_calls_come()
    {
        (await WarnedAsync(_counted, _uses, 6)).ShouldBe([5]);
        await RestAsync();
        _counted.Counters.Count.ShouldBe(0);
        (await WarnedAsync(_counted, _uses, 1)).ShouldBeEmpty();

        _file.Clock.Advance(TimeSpan.FromDays(1));
        (await WarnedAsync(_counted, _uses, 6)).ShouldBe([5]);
    }

    [Fact]
    public async Task A_program_that_was_killed_after_a_write_does_not_tell_it_again()
    {
        (await WarnedAsync(_counted, _uses, 6)).ShouldBe([5]);
        (await _uses.FlushAsync()).ShouldBeTrue();

        var again = new Counted(_file.Clock).Set([], [TenADay]);
        using var uses = Uses(again);
        (await WarnedAsync(again, uses, 1)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_quota_warns_again_and_the_same_one_does_not()
    {
        (await WarnedAsync(_counted, _uses, 6)).ShouldBe([5]);
        _counted.Set([], [TenADay with { Limit = 14 }]);
        (await WarnedAsync(_counted, _uses, 3)).ShouldBe([7]);
        await RestAsync();
        _counted.Set([Counted.Fixed(100, 60)], [TenADay with { Limit = 14 }]);
        (await WarnedAsync(_counted, _uses, 3)).ShouldBeEmpty();
    }

    [Fact]
    public async Task It_is_told_before_it_is_written_that_it_was_even_where_nothing_can_be_written()
    {
        List<LimitNear> told = [];
        _warnings.Near += told.Add;
        await WarnedAsync(_counted, _uses, 6);
        _warnings.Add(new LimitNear("org_1", "key_1", TenADay.Name, default, _file.Clock.Now));
        await using (await _file.LockAsync())
        {
            (await _uses.FlushAsync()).ShouldBeFalse();
        }

        told.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_clock_that_is_ahead_for_a_moment_takes_nothing_of_today_away()
    {
        await WarnedAsync(_counted, _uses, 6);
        await RestAsync();
        _file.Clock.ShiftWall(TimeSpan.FromDays(1_000));
        await WarnedAsync(_counted, _uses, 1);
        await RestAsync();
        _file.Clock.ShiftWall(TimeSpan.FromDays(-1_000));

        await WarnedAsync(_counted, _uses, 1);

        _counted.Peek().Standings[0].Used.ShouldBe(7);
    }

    [Fact]
    public async Task Days_past_their_time_are_dropped()
    {
        await WarnedAsync(_counted, _uses, 6);
        await RestAsync();
        _file.Clock.Advance(TimeSpan.FromDays(37));
        await WarnedAsync(_counted, _uses, 2);
        await RestAsync();

        await using var db = _file.CreateDbContext();
        (await db.Set<QuotaUse>().AsNoTracking().ToListAsync()).ShouldHaveSingleItem().Used.ShouldBe(2);
    }

    private QuotaUses Uses(Counted counted) => new(counted.Counters, _warnings, _file, counted.Clock, NullLogger<QuotaUses>.Instance);

    /// <summary>Makes so many calls; tells at which use a warning came for the first time.</summary>
    private static async Task<List<long>> WarnedAsync(Counted counted, QuotaUses uses, int calls)
    {
        await uses.LoadAsync(counted.Know(), counted.Key.Limits, counted.Clock.Now, default);
        return [.. Enumerable.Range(0, calls).Select(_ => counted.Ask().Standings[^1]).Where(s => s.Is(LimitMarks.FirstNear)).Select(s => s.Used)];
    }

    /// <summary>All that is done while nobody calls.</summary>
    private async Task RestAsync()
    {
        (await _uses.FlushAsync()).ShouldBeTrue();
        _counted.Counters.Sweep();
        _counted.Counters.Sweep();
    }
}
