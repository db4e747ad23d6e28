using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KeyPortal.E2E.Journeys;

/// <summary>The tiers' page: seen by everybody, changed by owners and admins.</summary>
public sealed class TierJourney(Stage stage)
{
    [Fact]
    public async Task A_tier_is_added_edited_made_the_default_and_removed_with_its_errors_in_place()
    {
        await using var portal = await Stage.OpenAsync();
        await portal.Portal.KeyAsync(portal.Cast.Dora, with: i => i with { Tier = "free" });
        await using var alice = await Visitor.ArriveAsync(stage, portal);
        var page = alice.Page;
        await alice.SignInAsync(portal.Cast.Alice);
        await alice.OpenAsync("/tiers");
        ILocator Button(string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });
        ILocator Card(string tier) => page.GetByRole(AriaRole.Region, new() { Name = $"Tier {tier}", Exact = true });
        async Task ActAsync(string tier, string act)
        {
            await Button($"Acts on {tier}").ClickAsync();
            await page.GetByRole(AriaRole.Menuitem, new() { Name = act }).ClickAsync();
        }

        await Button("Add a tier").ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("free");
        await Button("Add a rate limit").ClickAsync();
        await page.Locator("#tier-limit-0-limit").FillAsync("0");
        await Button("Add the tier").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Two tiers are called free.");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("A limit is a whole number");
        await page.LookAsync("tier-dialog-errors");
        await page.GetByLabel("Name", new() { Exact = true }).First.FillAsync("gold");
        await page.Locator("#tier-limit-0-limit").FillAsync("600");
        await Button("Add the tier").ClickAsync();
        await Expect(Card("gold")).ToContainTextAsync("Bursts of 600, then 10 a second");

        await ActAsync("free", "Edit…");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("1 key names it");
        await page.Locator("#tier-limit-0-limit").FillAsync("30");
        await Button("Save changes").ClickAsync();
        await Expect(Card("free")).ToContainTextAsync("Bursts of 30");

        await Button("Choose the default…").ClickAsync();
        await page.Locator("#default-tier").SelectOptionAsync("gold");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Keys that name no tier follow this one, from now on: 0 keys today.");
        await Button("Save the default").ClickAsync();
        await Expect(Card("gold").Locator(".chip")).ToHaveTextAsync("default");

        await ActAsync("free", "Remove…");
        await Button("Remove the tier").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("1 key takes from the tier free. Give it another one first.");
        await Button("Cancel").ClickAsync();
        await ActAsync("gold", "Remove…");
        await Button("Remove the tier").ClickAsync();
        await Expect(Card("gold")).ToHaveCountAsync(0);
        await Expect(page.GetByText("There is no default")).ToBeVisibleAsync();
        alice.Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task The_page_is_usable(int width)
    {
        await using var portal = await Stage.OpenAsync();
        await using var alice = await Visitor.ArriveAsync(stage, portal, width);
        await alice.SignInAsync(portal.Cast.Alice);
        await alice.OpenAsync("/tiers");
        await alice.Page.GetByText("For most integrations").WaitForAsync();
        await alice.Page.LookAsync("tiers");
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Acts on free" }).ClickAsync();
        await alice.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Edit…" }).ClickAsync();
        await alice.Page.Locator("#tier-limit-0-limit").WaitForAsync();
        await alice.Page.LookAsync("tier-dialog");
        alice.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_may_not_change_them_reads_them()
    {
        await using var portal = await Stage.OpenAsync();
        await using var dora = await Visitor.ArriveAsync(stage, portal);
        await dora.SignInAsync(portal.Cast.Dora);

        await dora.OpenAsync("/tiers");

        await dora.Page.GetByText("Owners and admins can change tiers.").WaitForAsync();
        await Expect(dora.Page.GetByRole(AriaRole.Button, new() { Name = "Add a tier" })).ToHaveCountAsync(0);
        await Expect(dora.Page.GetByRole(AriaRole.Button, new() { Name = "Acts on free" })).ToHaveCountAsync(0);
        dora.Errors.ShouldBeEmpty();
    }
}
