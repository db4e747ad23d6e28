using KeyPortal.Access;
using KeyPortal.Tests.Support;
using Microsoft.Extensions.Options;

namespace KeyPortal.Tests.Access;

public sealed class GuessLimitsTests
{
    private readonly TestClock _clock = new();

    [Fact]
    public void Many_attempts_at_once_never_exceed_the_bound()
    {
        var limits = Limits(30);
        var begun = 0;
        Parallel.For(0, 1000, new ParallelOptions { MaxDegreeOfParallelism = 16 }, _ =>
        {
            if (limits.TryBegin(Guess.Password, "203.0.113.9"))
            {
                Interlocked.Increment(ref begun);
            }
        });
        begun.ShouldBe(30);
    }

    [Fact]
    public void A_window_begins_with_its_first_attempt_and_lasts_fifteen_minutes()
    {
        var limits = Limits(2);
        limits.TryBegin(Guess.Password, "203.0.113.9").ShouldBeTrue();
        _clock.Advance(TimeSpan.FromMinutes(14));
        limits.TryBegin(Guess.Password, "203.0.113.9").ShouldBeTrue();
        _clock.Advance(TimeSpan.FromSeconds(59));
        limits.TryBegin(Guess.Password, "203.0.113.9").ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(1));
        limits.TryBegin(Guess.Password, "203.0.113.9").ShouldBeTrue();
        limits.TryBegin(Guess.Password, "203.0.113.9").ShouldBeTrue();
        limits.TryBegin(Guess.Password, "203.0.113.9").ShouldBeFalse("a refused attempt lengthens nothing, and the new window counts anew");
    }

    [Fact]
    public void A_right_attempt_is_given_back_and_a_wrong_one_is_not()
    {
        var limits = Limits(2);
        limits.TryBegin(Guess.Password, "203.0.113.9").ShouldBeTrue();
        for (var i = 0; i < 10; i++)
        {
            limits.TryBegin(Guess.Password, "203.0.113.9").ShouldBeTrue();
            limits.Forgive(Guess.Password, "203.0.113.9");
        }

        limits.TryBegin(Guess.Password, "203.0.113.9").ShouldBeTrue();
        limits.TryBegin(Guess.Password, "203.0.113.9").ShouldBeFalse();
    }

    [Fact]
    public void Nothing_is_gained_by_being_forgiven_what_was_not_begun()
    {
        var limits = Limits(1);
        limits.Forgive(Guess.Password, "203.0.113.9");
        limits.TryBegin(Guess.Password, "203.0.113.9").ShouldBeTrue();
        limits.TryBegin(Guess.Password, "203.0.113.9").ShouldBeFalse();
    }

    [Theory]
    [InlineData("203.0.113.9", "203.0.113.9", true)]
    [InlineData("203.0.113.9", "::ffff:203.0.113.9", true)]
    [InlineData("203.0.113.9", "203.0.113.10", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:DB8:1:2::1", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData(null, null, true)]
    [InlineData(null, "nonsense", true)]
    public void Whoever_has_one_address_of_an_IPv6_network_has_them_all(string? one, string? other, bool same)
    {
        var limits = Limits(1);
        limits.TryBegin(Guess.Password, one).ShouldBeTrue();
        limits.TryBegin(Guess.Password, other).ShouldBe(!same);
    }

    [Fact]
    public void Each_kind_of_guess_counts_by_itself()
    {
        var limits = Limits(1);
        foreach (var kind in Enum.GetValues<Guess>())
        {
            limits.TryBegin(kind, "203.0.113.9").ShouldBeTrue();
            limits.TryBegin(kind, "203.0.113.9").ShouldBeFalse();
        }
    }

    [Fact]
    public void Full_it_refuses_those_it_does_not_know_until_the_windows_end()
    {
        var limits = Limits(2);
        for (var i = 0; i < 100_000; i++)
        {
            limits.TryBegin(Guess.Password, $"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}").ShouldBeTrue();
        }

        limits.TryBegin(Guess.Password, "203.0.113.9").ShouldBeFalse("closed, not open");
        limits.TryBegin(Guess.Password, "10.0.0.0").ShouldBeTrue("who is known goes on");
        limits.Forgive(Guess.Password, "10.0.0.1");
        limits.TryBegin(Guess.Password, "203.0.113.9").ShouldBeTrue("who was forgiven makes room");
        limits.TryBegin(Guess.Password, "203.0.113.10").ShouldBeFalse();
        _clock.Advance(GuessLimits.Window);
        limits.TryBegin(Guess.Password, "203.0.113.10").ShouldBeTrue();
    }

    private GuessLimits Limits(int perAddress) => new(Options.Create(new GuessSettings { PerAddress = perAddress }), _clock);
}
