using KeyPortal.Keys.Pages;

namespace KeyPortal.Tests.Keys.Pages;

public sealed class PastedKeyTests
{
    [Theory]
    [InlineData("sk_live_0123456789ABCDEFGHIJKLMNOP2cbtEV", "sk_live_012345")]
    [InlineData("  sk_test_0123456789ABCDEFGHIJKLMNOP4PdKB4\n", "sk_test_012345")]
    [InlineData("Authorization: Bearer ak_live_0123456789ABCDEFGHIJKLMNOP4AKU2a", "ak_live_012345")]
    [InlineData("KEY=\"acme_sk_live_0123456789ABCDEFGHIJKLMNOP3DJ86V\"", "acme_sk_live_012345")]
    public void A_key_is_cut_to_its_start(string pasted, string start) => PastedKey.Cut(pasted).ShouldBe(start);

    [Theory]
    [InlineData("sk_live_0123456789ABCDEFGHIJKLMNOP2cbtE", "sk_live_012345")]
    [InlineData("sk_live_0123456789ABCDEFGHIJKLMNOP2cbtEX", "sk_live_012345")]
    [InlineData("pk_live_0123456789", "pk_live_012345")]
    public void A_damaged_key_is_cut_too(string pasted, string start) => PastedKey.Cut(pasted).ShouldBe(start);

    [Theory]
    [InlineData("")]
    [InlineData("nightly sk_live jobs")]
    [InlineData("sk_live_012345")]
    [InlineData("مفتاح")]
    public void Other_text_stays_as_it_is(string text) => PastedKey.Cut(text).ShouldBe(text);
}
