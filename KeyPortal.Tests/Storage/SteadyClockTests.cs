using KeyPortal.Storage;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Storage;

public sealed class SteadyClockTests
{
    private readonly TestClock _clock = new();

    [Fact]
    public void It_is_believed_after_an_hour_in_which_it_ran_evenly()
    {
        var steady = new SteadyClock(_clock);
        _clock.Advance(SteadyClock.Trial - TimeSpan.FromSeconds(1));
        steady.Now().ShouldBeNull();
        _clock.Advance(TimeSpan.FromSeconds(1));
        steady.Now().ShouldBe(_clock.Now);
    }

    [Theory]
    [InlineData(36)]
    [InlineData(-36)]
    public void After_a_leap_it_is_on_trial_again(int days)
    {
        var steady = new SteadyClock(_clock);
        _clock.Advance(SteadyClock.Trial * 2);
        _clock.ShiftWall(TimeSpan.FromDays(days));
        steady.Now().ShouldBeNull();
        _clock.Advance(SteadyClock.Trial / 2);
        steady.Now().ShouldBeNull();
        _clock.ShiftWall(TimeSpan.FromDays(-days));
        steady.Now().ShouldBeNull();
        _clock.Advance(SteadyClock.Trial);
        steady.Now().ShouldBe(_clock.Now);
    }

    [Fact]
    public void That_it_is_slewed_a_little_is_no_leap()
    {
        var steady = new SteadyClock(_clock);
        _clock.Advance(SteadyClock.Trial);
        _clock.ShiftWall(TimeSpan.FromSeconds(20));
        steady.Now().ShouldBe(_clock.Now);
    }
}
