using System.Net;
using System.Text.RegularExpressions;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

/// <summary>The description of the API for people comes out of the program and from nowhere else.</summary>
public sealed partial class DocsPageTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    [Fact]
    public async Task It_is_there_with_all_its_parts_and_none_is_foreign()
    {
        using var http = shared.Portal.CreateClient();
        var page = await http.GetAsync("/docs");
        var html = await page.Content.ReadAsStringAsync();

        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("default-src 'none'");
        policy.ShouldNotContain("script-src 'self' 'unsafe-inline'");
        html.ShouldNotContain("<script>");
        var parts = Part().Matches(html).Select(m => m.Groups[1].Value).ToList();
        parts.Count.ShouldBeGreaterThan(4);
        foreach (var part in parts)
        {
            part.ShouldNotContain("//");
            (await http.GetAsync(new Uri(page.RequestMessage!.RequestUri!, part))).StatusCode.ShouldBe(HttpStatusCode.OK, part);
        }
    }

    [GeneratedRegex("""(?:src|href)=["']([^"']+)["']""")]
    private static partial Regex Part();
}
