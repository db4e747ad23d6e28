using KeyPortal.Primitives;
using KeyPortal.Usage;
using KeyPortal.Validation.Pages;

namespace KeyPortal.Tests.Validation.Pages;

public sealed class LimitsAddressTests
{
    private static readonly string After = new Cursor("", "lim_1").Encode();

    [Fact]
    public void An_address_stands_in_its_url() =>
        new LimitsAddress { Period = UsagePeriod.Days7, KeyId = "key_1", After = After }.ToString().ShouldBe($"/limits?period=7d&key=key_1&after={After}");

    [Fact]
    public void The_page_as_it_opens_needs_no_words_in_its_url() => new LimitsAddress().ToString().ShouldBe("/limits");

    [Fact]
    public void An_address_comes_back_from_its_url() =>
        LimitsAddress.Of("30d", "key_1", After).ShouldBe(new LimitsAddress { Period = UsagePeriod.Days30, KeyId = "key_1", After = After });

    [Theory]
    [InlineData("90d", "", "nonsense")]
    [InlineData("fortnight", null, "")]
    public void What_makes_no_sense_is_left_out(string? period, string? key, string? after) => LimitsAddress.Of(period, key, after).ShouldBe(new LimitsAddress());

    [Fact]
    public void An_id_longer_than_any_is_left_out() => LimitsAddress.Of(null, new string('x', 101), null).KeyId.ShouldBeNull();
}
