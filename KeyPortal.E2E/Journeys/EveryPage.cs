using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Keys;
using KeyPortal.Tests.Support;
using Microsoft.Playwright;

namespace KeyPortal.E2E.Journeys;

/// <summary>Every page, wide and narrow, light and dark: usable by everyone, and photographed for people to look at.</summary>
public sealed class EveryPage(Stage stage)
{
    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task Is_usable(int width, ColorScheme scheme)
    {
        await using var portal = await Stage.OpenAsync();
        var key = await portal.Portal.KeyAsync(portal.Cast.Alice, "Production webhook server", environment: KeyEnvironment.Live, with: i => i with { Scopes = ["triggers:read"] });
        await portal.Portal.Get<KeyEditing>().EditAsync(portal.Cast.Alice, key.Key.Id, i => i with { AllowedIps = ["10.0.0.0/8"], Scopes = ["triggers:*"], Description = "Posts to <b>billing</b>" });
        await portal.Portal.KeyAsync(portal.Cast.Dora, "مفتاح الدفع \U0001F511 with a name that is sixty characters long, no");
        await portal.Portal.Get<KeyRevocation>().RevokeAsync(portal.Cast.Andy, key.Key.Id, RevocationReason.KeyCompromise);
        await using var visitor = await Visitor.ArriveAsync(stage, portal, width, 800, scheme);
        var name = $"{width}-{scheme.ToString().ToLowerInvariant()}";

        await visitor.Page.GotoAsync("/sign-in");
        await visitor.Page.ShootAsync($"sign-in-{name}");
        await visitor.Page.ShouldBeUsableAsync($"sign-in {name}");
        await visitor.SignInAsync("alice@acme.example");
        foreach (var (page, path) in new[] { ("overview", "/"), ("audit-log", "/audit-log"), ("audit-log-empty", "/audit-log?action=no.such"), ("not-found", "/no/such/page") })
        {
            await visitor.OpenAsync(path);
            await visitor.Page.WaitForTimeoutAsync(400);
            if (page == "audit-log")
            {
                await visitor.Page.Locator("td .chip", new() { HasText = "key.updated" }).ClickAsync();
                await visitor.Page.GetByText("The entry as it is stored").WaitForAsync();
            }

            await visitor.Page.ShootAsync($"{page}-{name}");
            await visitor.Page.ShouldBeUsableAsync($"{page} {name}");
        }

        visitor.Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task The_first_page_of_an_empty_instance_is_usable(int width, ColorScheme scheme)
    {
        await using var portal = await Stage.OpenAsync(empty: true);
        await using var visitor = await Visitor.ArriveAsync(stage, portal, width, 900, scheme);

        await visitor.Page.GotoAsync("/");

        visitor.Page.Url.ShouldEndWith("/set-up");
        await visitor.Page.ShootAsync($"set-up-{width}-{scheme.ToString().ToLowerInvariant()}");
        await visitor.Page.ShouldBeUsableAsync($"set-up {width}");
    }
}
