using KeyPortal.Keys;

namespace KeyPortal.Tests.Keys;

public sealed class AllowedOriginTests
{
    [Theory]
    [InlineData("https://app.example.com", "https://app.example.com")]
    [InlineData("HTTPS://App.Example.com:443", "https://app.example.com")]
    [InlineData("http://localhost:3000", "http://localhost:3000")]
    [InlineData("https://*.example.com", "https://*.example.com")]
    [InlineData("https://*.example.com:8443", "https://*.example.com:8443")]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example")]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080")]
    [InlineData("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443")]
    [InlineData("https://[::1]", "https://[::1]")]
    public void An_origin_is_kept_as_a_browser_sends_it_and_can_be_read_again(string text, string kept)
    {
        AllowedOrigin.TryParse(text, out var origin).ShouldBeTrue();
        origin.ToString().ShouldBe(kept);
        AllowedOrigin.TryParse(kept, out var again).ShouldBeTrue();
        again.ShouldBe(origin);
        if (!kept.Contains('*'))
        {
            origin.Matches(kept).ShouldBeTrue();
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("*")]
    [InlineData("https://*")]
    [InlineData("https://*.*.example.com")]
    [InlineData("https://a.*.example.com")]
    [InlineData("https://*.127.0.0.1")]
    [InlineData("https://*.[::1]")]
    [InlineData("app.example.com")]
    [InlineData("//app.example.com")]
    [InlineData("ftp://app.example.com")]
    [InlineData("file:///etc/passwd")]
    [InlineData("javascript://app.example.com")]
    [InlineData("https://app.example.com/")]
    [InlineData("https://app.example.com/path")]
    [InlineData("https://app.example.com/..")]
    [InlineData("https://app.example.com?")]
    [InlineData("https://app.example.com#")]
    [InlineData("https://app.example.com:")]
    [InlineData("https://app.example.com:99999")]
    [InlineData("https://xn--ä.com")]
    [InlineData("https://a\u0644.com")]
    [InlineData("https://\u202E.com")]
    [InlineData("https://0x7f\uFF0E1")]
    [InlineData("https://ääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää.com")]
    [InlineData("https://user@app.example.com")]
    [InlineData("https://@app.example.com")]
    [InlineData("https:\\\\app.example.com")]
    [InlineData("https://app.example.com\\")]
    [InlineData(" https://app.example.com")]
    [InlineData("https://app.example.com\n")]
    [InlineData("https://0x7f.1")]
    [InlineData("https://2130706433")]
    [InlineData("https://[fe80::1%25eth0]")]
    public void What_is_no_origin_is_refused(string? text) => AllowedOrigin.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("https://app.example.com", "https://app.example.com", true)]
    [InlineData("https://app.example.com", "http://app.example.com", false)]
    [InlineData("https://app.example.com", "https://app.example.com:8443", false)]
    [InlineData("https://app.example.com", "https://x.app.example.com", false)]
    [InlineData("https://app.example.com", "https://app.example.com.evil.test", false)]
    [InlineData("https://app.example.com", "https://app.example.com@evil.test", false)]
    [InlineData("https://app.example.com", "https://evil.test\\.app.example.com", false)]
    [InlineData("https://app.example.com", "https://app.example.com/", false)]
    [InlineData("https://app.example.com", "null", false)]
    [InlineData("https://app.example.com", "", false)]
    [InlineData("https://*.example.com", "https://a.example.com", true)]
    [InlineData("https://*.example.com", "https://a.b.example.com", true)]
    [InlineData("https://*.example.com", "https://example.com", false)]
    [InlineData("https://*.example.com", "https://.example.com", false)]
    [InlineData("https://*.example.com", "https://evilexample.com", false)]
    [InlineData("https://*.example.com", "https://*.example.com", false)]
    [InlineData("https://*.example.com", "https://example.com.evil.test", false)]
    public void Only_the_origin_itself_matches_or_a_true_subdomain(string allowed, string sent, bool matches)
    {
        AllowedOrigin.TryParse(allowed, out var origin).ShouldBeTrue();
        origin.Matches(sent).ShouldBe(matches);
    }
}
