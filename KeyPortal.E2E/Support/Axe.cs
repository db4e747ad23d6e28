using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace KeyPortal.E2E.Support;

/// <summary>What a page must be for everyone, and what it looks like.</summary>
public static class Axe
{
    private static readonly AxeRunOptions Everything = new()
    {
        RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] },
        ResultTypes = [ResultType.Violations],
    };

    /// <summary>Of a page that is right in one scheme, all that can be wrong in the other.</summary>
    private static readonly AxeRunOptions Contrast = new() { RunOnly = new RunOnlyOptions { Type = "rule", Values = ["color-contrast"] }, ResultTypes = [ResultType.Violations] };

    /// <summary>
    /// In both schemes: saves what the page looks like as <c>artifacts/screens/{state}-{width}-{scheme}.png</c> for people, and finds it usable. The page is light afterwards.
    /// </summary>
    public static async Task LookAsync(this IPage page, string state)
    {
        foreach (var scheme in new[] { ColorScheme.Dark, ColorScheme.Light })
        {
            var name = $"{state}-{page.ViewportSize!.Width}-{scheme.ToString().ToLowerInvariant()}";
            await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme });
            await page.EvaluateAsync(Still).WaitAsync(TimeSpan.FromSeconds(15));
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder, name + ".png"), FullPage = true, Animations = ScreenshotAnimations.Disabled });
            await page.ShouldBeUsableAsync(name, scheme == ColorScheme.Light ? Everything : Contrast);
        }
    }

    /// <summary>No serious or critical finding of axe, and no scrolling sideways.</summary>
    public static Task ShouldBeUsableAsync(this IPage page, string where) => page.ShouldBeUsableAsync(where, Everything);

    private static async Task ShouldBeUsableAsync(this IPage page, string where, AxeRunOptions rules)
    {
        var result = await page.RunAxe(rules);
        var grave = result.Violations.Where(v => v.Impact is "serious" or "critical")
            .Select(v => $"{v.Id}: {v.Help} at {string.Join(" | ", v.Nodes.Take(4).Select(n => $"{n.Target} {n.Html}"))}").ToList();
        grave.ShouldBeEmpty(where);
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth")).ShouldBeLessThanOrEqualTo(0, $"{where} scrolls sideways");
    }

    /// <summary>Ends when the new colours are painted and every transition that ends has ended; after two seconds in any case, for a page in the background paints nothing.</summary>
    private const string Still = """
        () => new Promise(done => {
          setTimeout(done, 2000);
          requestAnimationFrame(() => requestAnimationFrame(() => {
            const ending = document.getAnimations().filter(animation => animation.effect.getTiming().iterations !== Infinity);
            Promise.allSettled(ending.map(animation => animation.finished)).then(() => done());
          }));
        })
        """;

    private static string Folder { get; } = Path.Combine(Root(AppContext.BaseDirectory), "artifacts", "screens");

    private static string Root(string folder) =>
        File.Exists(Path.Combine(folder, "KeyPortal.sln")) ? folder : Root(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No KeyPortal.sln above the tests."));
}
