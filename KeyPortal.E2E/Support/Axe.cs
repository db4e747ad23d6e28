using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace KeyPortal.E2E.Support;

/// <summary>What a page must be for everyone: no serious or critical finding of axe, and no scrolling sideways.</summary>
public static class Axe
{
    public static async Task ShouldBeUsableAsync(this IPage page, string where)
    {
        var result = await page.RunAxe(new AxeRunOptions { RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] } });
        var grave = result.Violations.Where(v => v.Impact is "serious" or "critical")
            .Select(v => $"{v.Id}: {v.Help} at {string.Join(" | ", v.Nodes.Take(4).Select(n => $"{n.Target} {n.Html}"))}").ToList();
        grave.ShouldBeEmpty(where);
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth")).ShouldBeLessThanOrEqualTo(0, $"{where} scrolls sideways");
    }

    /// <summary>Saves what the page looks like under <c>artifacts/screens</c>, for people.</summary>
    public static async Task ShootAsync(this IPage page, string name) =>
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder, name + ".png"), FullPage = true, Animations = ScreenshotAnimations.Disabled });

    private static string Folder { get; } = Path.Combine(Root(AppContext.BaseDirectory), "artifacts", "screens");

    private static string Root(string folder) =>
        File.Exists(Path.Combine(folder, "KeyPortal.sln")) ? folder : Root(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No KeyPortal.sln above the tests."));
}
