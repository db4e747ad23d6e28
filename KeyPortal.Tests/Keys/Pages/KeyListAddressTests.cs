using KeyPortal.Keys;
using KeyPortal.Keys.Pages;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Keys.Pages;

public sealed class KeyListAddressTests
{
    [Fact]
    public void An_address_reads_back_as_it_was_written()
    {
        var address = new KeyListAddress { Search = "ä & b", Status = "revoked", Environment = "live", Type = "publishable", Scope = "triggers:*", Owner = "usr_1", Sort = "-name" };

        KeyListAddress.Parse("http://localhost" + address.ToUri()).ShouldBe(address);
    }

    [Fact]
    public void Values_that_mean_nothing_are_left_out() =>
        KeyListAddress.Parse("http://localhost/keys?status=gone&environment=moon&type=7&scope=NO&sort=colour").ShouldBe(new KeyListAddress());

    [Fact]
    public void A_key_in_an_address_is_cut_to_its_start() =>
        KeyListAddress.Parse("http://localhost/keys?q=sk_live_0123456789ABCDEFGHIJKLMNOP2cbtEV").Search.ShouldBe("sk_live_012345");

    [Fact]
    public void Expires_soon_means_active_and_ending_within_two_weeks()
    {
        var filter = new KeyListAddress { Status = KeyListAddress.ExpiresSoon }.ToFilter(TestClock.Start);

        filter.Status.ShouldBe(KeyStatus.Active);
        filter.ExpiresBefore.ShouldBe(TestClock.Start.AddDays(14));
    }

    [Fact]
    public void A_second_press_on_a_column_turns_its_order_round()
    {
        var once = new KeyListAddress().Turn(KeySort.Name);
        var twice = once.Turn(KeySort.Name);

        once.Direction(KeySort.Name).ShouldBe("ascending");
        twice.Direction(KeySort.Name).ShouldBe("descending");
        twice.Direction(KeySort.ExpiresAt).ShouldBe("none");
        twice.ToFilter(TestClock.Start).Descending.ShouldBeTrue();
    }
}
