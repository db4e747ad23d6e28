using KeyPortal.E2E.Support;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.Playwright;

namespace KeyPortal.E2E.Screens;

/// <summary>A person at a browser of their own. Fails the test when the page logs an error.</summary>
public sealed class Visitor : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _errors = [];

    private readonly LivePortal _portal;

    private Visitor(IBrowserContext context, IPage page, LivePortal portal)
    {
        (_context, Page, _portal) = (context, page, portal);
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

    public static async Task<Visitor> ArriveAsync(Stage stage, LivePortal portal, int width = 1280, int height = 800)
    {
        var context = await stage.Browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = portal.Address,
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = ColorScheme.Light,
            Permissions = ["clipboard-read", "clipboard-write"],
            TimezoneId = "Europe/Zurich",
        });
        context.SetDefaultTimeout(15_000);
        return new Visitor(context, await context.NewPageAsync(), portal);
    }

    /// <summary>Opens a page and waits until its circuit is live: clicks before that are lost.</summary>
    public async Task OpenAsync(string path)
    {
        await Page.GotoAsync(path);
        await LiveAsync();
    }

    public Task LiveAsync() => Page.Locator("[data-live=true],[data-live=static]").First.WaitForAsync();

    /// <summary>Comes with a session, past the sign-in pages: for journeys that are about something else.</summary>
    public async Task SignInAsync(Actor person)
    {
        var cookie = _portal.Portal.CookieOf(await _portal.Portal.SessionAsync(person));
        await _context.AddCookiesAsync([new Cookie { Name = "keyportal", Value = cookie, Url = _portal.Address, HttpOnly = true, SameSite = SameSiteAttribute.Lax }]);
        await OpenAsync("/");
    }

    /// <summary>Types e-mail and password.</summary>
    public async Task TypePasswordAsync(string email, string password = Cast.Password)
    {
        await Page.GotoAsync("/sign-in");
        await Page.GetByLabel("E-mail address").FillAsync(email);
        await Page.GetByLabel("Password").FillAsync(password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
    }

    /// <summary>Types what the authenticator app of the cast shows.</summary>
    public async Task TypeCodeAsync(string? code = null)
    {
        await Page.GetByLabel("Code", new() { Exact = true }).FillAsync(code ?? Cast.CodeNow(_portal.Portal));
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
    }

    public async Task<IPage> NewTabAsync() => await _context.NewPageAsync();

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
