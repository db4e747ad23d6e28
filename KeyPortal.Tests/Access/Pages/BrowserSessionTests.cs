using KeyPortal.Access.Pages;

namespace KeyPortal.Tests.Access.Pages;

public sealed class BrowserSessionTests
{
    [Theory]
    [InlineData("/keys", "/keys")]
    [InlineData("/keys?q=%D0%BA&sort=name", "/keys?q=%D0%BA&sort=name")]
    [InlineData(null, "/")]
    [InlineData("", "/")]
    [InlineData("keys", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("/\t/evil.example", "/")]
    [InlineData("/x\r\nSet-Cookie:a=b", "/")]
    [InlineData("/keys?q=\u043A", "/")]
    public void Signing_in_leads_to_a_path_of_this_site_only(string? asked, string goes) => BrowserSession.SafeReturn(asked).ShouldBe(goes);
}
