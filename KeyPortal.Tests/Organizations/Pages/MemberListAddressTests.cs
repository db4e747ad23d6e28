using KeyPortal.Organizations;
using KeyPortal.Organizations.Pages;
using KeyPortal.Primitives;

namespace KeyPortal.Tests.Organizations.Pages;

public sealed class MemberListAddressTests
{
    [Fact]
    public void What_stands_in_the_URL_is_read_back()
    {
        var address = new MemberListAddress { Search = "ana & co", Role = "admin", State = "disabled", Factor = "none" };

        MemberListAddress.Parse("https://keys.example.com" + address.ToUri()).ShouldBe(address);
        var filter = address.ToFilter();
        (filter.Search, filter.Role, filter.State, filter.HasSecondFactor).ShouldBe(("ana & co", Role.Admin, MemberState.Disabled, false));
    }

    [Theory]
    [InlineData("/members?role=king&state=removed&factor=all")]
    [InlineData("/members?q=%20&role=")]
    [InlineData("/members")]
    public void What_means_nothing_is_ignored(string uri) => MemberListAddress.Parse("https://keys.example.com" + uri).IsFiltered.ShouldBeFalse();
}
