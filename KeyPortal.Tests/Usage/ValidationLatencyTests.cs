using KeyPortal.Usage;

namespace KeyPortal.Tests.Usage;

public sealed class ValidationLatencyTests
{
    [Fact]
    public void Before_any_validation_there_are_no_figures() => new ValidationLatency().Read().ShouldBeNull();

    [Fact]
    public void Figures_are_within_a_thirtieth_of_the_exact_ones_at_every_magnitude()
    {
        foreach (var unit in (double[])[0.1, 1, 10, 1_000, 1_000_000, 60_000_000])
        {
            var latency = new ValidationLatency();
            for (var i = 1; i <= 1000; i++)
            {
                latency.Add(TimeSpan.FromMicroseconds(unit * i));
            }

            var figures = latency.Read().ShouldNotBeNull();
            figures.Count.ShouldBe(1000);
            figures.P50.TotalMicroseconds.ShouldBe(unit * 500, unit * 500 / 30);
            figures.P99.TotalMicroseconds.ShouldBe(unit * 990, unit * 990 / 30);
        }
    }

    [Fact]
    public void One_slow_call_in_a_hundred_does_not_move_the_figures_and_two_move_the_ninety_ninth()
    {
        var latency = new ValidationLatency();
        for (var i = 0; i < 99; i++)
        {
            latency.Add(TimeSpan.FromMilliseconds(1));
        }

        latency.Add(TimeSpan.FromSeconds(1));
        latency.Read()!.P99.TotalMilliseconds.ShouldBe(1, 0.05);
        latency.Add(TimeSpan.FromSeconds(1));
        latency.Read()!.P99.TotalMilliseconds.ShouldBe(1000, 50);
        latency.Read()!.P50.TotalMilliseconds.ShouldBe(1, 0.05);
    }

    [Fact]
    public void Durations_no_clock_should_give_are_counted_and_break_nothing()
    {
        var latency = new ValidationLatency();
        latency.Add(TimeSpan.FromTicks(-5));
        latency.Add(TimeSpan.Zero);
        latency.Add(TimeSpan.MaxValue);
        latency.Read()!.Count.ShouldBe(3);
        latency.Read()!.P50.ShouldBe(TimeSpan.Zero);
    }
}
