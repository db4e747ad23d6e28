using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Keys;
using KeyPortal.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KeyPortal.E2E.Journeys;

/// <summary>Alice leaves limits to owners and admins; Dora's keys take the default from then on.</summary>
public sealed class LimitRuleJourney(Stage stage)
{
    private const string LongName = "A key of the nightly importer for the warehouse in Rotterdam";

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task The_rule_is_set_on_one_page_and_shown_wherever_limits_are(int width)
    {
        await using var portal = await Stage.OpenAsync();
        var hers = await portal.Portal.KeyAsync(portal.Cast.Dora, LongName, with: i => i with { Tier = "free", RateLimits = [new("spent-in-a-fixed-window-of-days", "fixed_window", 6, 172_800, 50)] });
        var bare = await portal.Portal.KeyAsync(portal.Cast.Dora, "Bare");
        await using var alice = await Visitor.ArriveAsync(stage, portal, width);
        await using var dora = await Visitor.ArriveAsync(stage, portal, width);
        await alice.SignInAsync(portal.Cast.Alice);
        await alice.OpenAsync("/policy");
        await alice.Page.GetByRole(AriaRole.Checkbox, new() { Name = "Only owners and admins set limits" }).CheckAsync();
        await alice.Page.GetByText("There is no default tier.").WaitForAsync();
        await alice.Page.LookAsync("limit-rule-policy");
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Save the policy" }).ClickAsync();
        await alice.Page.GetByText("Saved. It binds keys").WaitForAsync();

        await dora.SignInAsync(portal.Cast.Dora);
        await dora.OpenAsync("/policy");
        await Expect(dora.Page.GetByText("Only owners and admins set limits.")).ToBeVisibleAsync();
        await dora.Page.LookAsync("limit-rule-policy-read");
        await dora.OpenAsync($"/keys/{hers.Key.Id}?tab=limits");
        await dora.Page.GetByText("leaves limits to owners and admins").WaitForAsync();
        await Expect(dora.Page.GetByRole(AriaRole.Button, new() { Name = "Change limits" })).ToHaveCountAsync(0);
        await dora.Page.LookAsync("limit-rule-tab");
        await dora.Page.GetByRole(AriaRole.Button, new() { Name = "Edit", Exact = true }).ClickAsync();
        await dora.Page.GetByText("This key keeps those it has.").ScrollIntoViewIfNeededAsync();
        await dora.Page.LookAsync("limit-rule-edit");
        await dora.OpenAsync($"/keys/{bare.Key.Id}?tab=limits");
        await dora.Page.GetByText("never refused for their number").WaitForAsync();
        await dora.Page.LookAsync("limit-rule-tab-none");
        var keys = new KeysScreen(dora);
        await keys.OpenAsync();
        var create = await keys.CreateAsync();
        await create.ContinueAsync("Another", environment: "Test");
        await create.Dialog.GetByText("Limits", new() { Exact = true }).ClickAsync();
        await create.Dialog.GetByText("This key follows the default tier, if there is one.").ScrollIntoViewIfNeededAsync();
        await dora.Page.LookAsync("limit-rule-create");

        (await portal.Portal.Get<KeyEditing>().EditAsync(portal.Cast.Alice, hers.Key.Id, i => i with { Tier = "unlimited", RateLimits = [] })).Refusal.ShouldBeNull();
        await alice.OpenAsync($"/audit-log?target={hers.Key.Id}");
        await alice.Page.Locator("td .chip", new() { HasText = "key.updated" }).First.ClickAsync();
        await Expect(alice.Page.Locator(".diff")).ToContainTextAsync("spent-in-a-fixed-window-of-days: 6 in 2 days (fixed window), warns at 50 %");
        await alice.Page.LookAsync("limit-rule-audit");
        await alice.OpenAsync($"/keys/{hers.Key.Id}?tab=history");
        await alice.Page.GetByText("tier: free → unlimited").WaitForAsync();
        await alice.Page.LookAsync("limit-rule-history");
        alice.Errors.ShouldBeEmpty();
        dora.Errors.ShouldBeEmpty();
    }
}
