using KeyPortal.E2E.Support;
using KeyPortal.Tests.Support;
using Microsoft.Playwright;

namespace KeyPortal.E2E.Screens;

/// <summary>A person at a browser of their own. Fails the test when the page logs an error.</summary>
public sealed class Visitor : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _errors = [];

    private Visitor(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.PageError += (_, error) => _errors.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error" && !message.Text.Contains("status of 4", StringComparison.Ordinal))
            {
                _errors.Add(message.Text);
            }
        };
    }

    public IPage Page { get; }

    public IReadOnlyList<string> Errors => _errors;

    public static async Task<Visitor> ArriveAsync(Stage stage, LivePortal portal, int width = 1280, int height = 800, ColorScheme scheme = ColorScheme.Light)
    {
        var context = await stage.Browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = portal.Address,
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            Permissions = ["clipboard-read", "clipboard-write"],
            TimezoneId = "Europe/Zurich",
        });
        context.SetDefaultTimeout(15_000);
        return new Visitor(context, await context.NewPageAsync());
    }

    /// <summary>Opens a page and waits until its circuit is live: clicks before that are lost.</summary>
    public async Task OpenAsync(string path)
    {
        await Page.GotoAsync(path);
        await LiveAsync();
    }

    public Task LiveAsync() => Page.Locator("[data-live=true],[data-live=static]").First.WaitForAsync();

    public async Task SignInAsync(string email, string password = Cast.Password)
    {
        await Page.GotoAsync("/sign-in");
        await Page.GetByLabel("E-mail address").FillAsync(email);
        await Page.GetByLabel("Password").FillAsync(password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Page.Locator("[data-live=true]").WaitForAsync();
    }

    public async Task<IPage> NewTabAsync() => await _context.NewPageAsync();

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
