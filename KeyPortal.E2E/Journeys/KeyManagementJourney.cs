using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Keys;
using KeyPortal.Tests.Support;
using Microsoft.Playwright;

namespace KeyPortal.E2E.Journeys;

/// <summary>Whoever runs the instance switches key management off, before the eyes of those who work with it.</summary>
public sealed class KeyManagementJourney(Stage stage)
{
    [Fact]
    public async Task Off_the_pages_say_so_and_offer_only_what_still_works()
    {
        await using var portal = await Stage.OpenAsync();
        var key = (await portal.Portal.KeyAsync(portal.Cast.Alice, "Webhook server")).Key;
        var disabled = (await portal.Portal.KeyAsync(portal.Cast.Alice, "Old feed")).Key;
        await portal.Portal.Get<KeySuspension>().DisableAsync(portal.Cast.Alice, disabled.Id);
        await using var alice = await Visitor.ArriveAsync(stage, portal);
        await alice.SignInAsync(portal.Cast.Alice);
        var (page, keys) = (alice.Page, new KeysScreen(alice));
        await keys.OpenAsync();
        var create = await keys.CreateAsync();
        await create.ContinueAsync("Begun in time");

        portal.Portal.TurnKeyManagement("false");
        await create.Submit.ClickAsync();
        await create.Dialog.GetByText("switched off on this instance").WaitForAsync();

        await keys.OpenAsync();
        await page.GetByText("Key management is switched off.").WaitForAsync();
        (await Button("Create key").CountAsync()).ShouldBe(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Acts on Old feed" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Revoke…" }).WaitForAsync();
        (await page.GetByRole(AriaRole.Menuitem, new() { Name = "Enable" }).CountAsync()).ShouldBe(0);
        await page.LookAsync("keys-switched-off");
        await alice.OpenAsync($"/keys/{key.Id}");
        await page.GetByText("Key management is switched off.").WaitForAsync();
        (await Button("Edit").CountAsync()).ShouldBe(0);
        await Button("Disable…").WaitForAsync();
        await Button("Revoke…").WaitForAsync();
        await alice.OpenAsync("/");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Calls by outcome" }).WaitForAsync();
        (await Button("Create key").CountAsync()).ShouldBe(0);

        portal.Portal.TurnKeyManagement("true");
        await keys.OpenAsync();
        await Button("Create key").WaitForAsync();
        alice.Errors.ShouldBeEmpty();

        ILocator Button(string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });
    }
}
