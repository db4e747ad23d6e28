using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using Microsoft.Playwright;

namespace KeyPortal.E2E.Journeys;

/// <summary>Where the keyboard is: it follows the person to a page and through a menu, and is never taken out of their hand.</summary>
public sealed class FocusJourney(Stage stage)
{
    [Fact]
    public async Task A_page_in_use_as_it_comes_alive_keeps_its_focus_and_a_page_gone_to_takes_it()
    {
        await using var portal = await Stage.OpenAsync();
        await using var alice = await Visitor.ArriveAsync(stage, portal);
        await alice.SignInAsync(portal.Cast.Alice);

        // Takes the button the moment the page is live, before the server can say another word.
        await alice.Page.AddInitScriptAsync("""
            new MutationObserver((_, observer) => {
              if (document.querySelector("[data-live=true]")) {
                observer.disconnect();
                document.querySelector(".switcher .menu-face").focus();
              }
            }).observe(document, { attributes: true, childList: true, subtree: true });
            """);
        await alice.OpenAsync("/keys");
        var face = alice.Page.GetByRole(AriaRole.Button, new() { Name = "Change the organization" });
        await Assertions.Expect(face).ToBeFocusedAsync();
        await alice.Page.Keyboard.PressAsync("Enter");
        var items = alice.Page.GetByRole(AriaRole.Menuitem);
        await items.First.WaitForAsync();
        await Assertions.Expect(face).ToBeFocusedAsync();

        await face.PressAsync("Escape");
        await Assertions.Expect(items).ToHaveCountAsync(0);
        await alice.Page.Locator("nav").GetByRole(AriaRole.Link, new() { Name = "Audit log" }).ClickAsync();
        await Assertions.Expect(alice.Page.Locator("h1", new() { HasText = "Audit log" })).ToBeFocusedAsync();
        alice.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_menu_is_walked_with_the_arrow_keys_and_closes_when_the_focus_leaves()
    {
        await using var portal = await Stage.OpenAsync();
        await using var alice = await Visitor.ArriveAsync(stage, portal);
        await alice.SignInAsync(portal.Cast.Alice);
        var face = alice.Page.GetByRole(AriaRole.Button, new() { Name = "Change the organization" });
        var items = alice.Page.GetByRole(AriaRole.Menuitem);
        var last = alice.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Found another organization" });

        await Assertions.Expect(face).ToHaveAttributeAsync("aria-expanded", "false");
        await face.PressAsync("Enter");
        await last.WaitForAsync();
        await Assertions.Expect(face).ToHaveAttributeAsync("aria-expanded", "true");
        await face.PressAsync("ArrowDown");
        await Assertions.Expect(items.First).ToBeFocusedAsync();
        await items.First.PressAsync("ArrowUp");
        await Assertions.Expect(last).ToBeFocusedAsync();
        await last.PressAsync("ArrowDown");
        await Assertions.Expect(items.First).ToBeFocusedAsync();
        await items.First.PressAsync("Escape");
        await Assertions.Expect(items).ToHaveCountAsync(0);
        await Assertions.Expect(face).ToBeFocusedAsync();

        await face.PressAsync("Enter");
        await last.WaitForAsync();
        await alice.Page.Locator("h1").ClickAsync();
        await Assertions.Expect(items).ToHaveCountAsync(0);
        alice.Errors.ShouldBeEmpty();
    }
}
