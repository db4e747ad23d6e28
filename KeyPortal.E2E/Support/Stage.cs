using KeyPortal.Tests.Support;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(KeyPortal.E2E.Support.Stage))]

namespace KeyPortal.E2E.Support;

/// <summary>One browser for all tests. Each test opens a portal of its own, or shares one with its class.</summary>
public sealed class Stage : IAsyncLifetime
{
    private IPlaywright _playwright = null!;

    public IBrowser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        Browser = await Chromium.LaunchAsync(_playwright);
    }

    /// <summary>A portal on a port of its own, with the cast in it unless it is to be empty.</summary>
    public static async Task<LivePortal> OpenAsync(bool empty = false, params (string Name, string Value)[] settings)
    {
        var portal = new Portal(settings) { UsesRealClock = true };
        portal.UseKestrel(0);
        portal.StartServer();
        return new LivePortal(portal, empty ? null! : await Cast.EnterAsync(portal));
    }

    /// <summary>The same with a mail server. Its links name the portal's port, which is therefore chosen before.</summary>
    public static async Task<LivePortal> OpenAsync(PostOffice post)
    {
        var port = FreePort.Find();
        var portal = new Portal([.. post.Settings, ("KeyPortal:PublicUrl", $"http://localhost:{port}")]) { UsesRealClock = true };
        portal.UseKestrel(port);
        portal.StartServer();
        return new LivePortal(portal, await Cast.EnterAsync(portal));
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
    }
}

/// <summary>A portal that browsers and curl can reach.</summary>
public sealed class LivePortal(Portal portal, Cast cast) : IAsyncDisposable
{
    public Portal Portal { get; } = portal;

    public Cast Cast { get; } = cast;

    /// <summary><c>http://localhost:PORT</c>: by name, for an address is no relying party for passkeys.</summary>
    public string Address { get; } = $"http://localhost:{portal.ClientOptions.BaseAddress.Port}";

    public HttpClient Client() => new() { BaseAddress = new Uri(Address) };

    public ValueTask DisposeAsync() => Portal.DisposeAsync();
}
