using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Keys;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KeyPortal.E2E.Journeys;

/// <summary>The policy's page, and a live key that a second person approves: Andy is the first, Alice the second.</summary>
public sealed class PolicyJourney(Stage stage)
{
    [Fact]
    public async Task A_key_with_a_scope_that_the_policy_names_works_when_somebody_else_has_approved_it()
    {
        await using var portal = await Stage.OpenAsync();
        await using var alice = await Visitor.ArriveAsync(stage, portal);
        await using var andy = await Visitor.ArriveAsync(stage, portal);
        await alice.SignInAsync(portal.Cast.Alice);
        await andy.SignInAsync(portal.Cast.Andy);

        await alice.OpenAsync("/policy");
        await alice.Page.GetByRole(AriaRole.Checkbox, new() { Name = "triggers:write" }).CheckAsync();
        await alice.Page.GetByText("You have unsaved changes").WaitForAsync();
        await alice.Page.GetByRole(AriaRole.Link, new() { Name = "Keys", Exact = true }).ClickAsync();
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Stay on this page" }).ClickAsync();
        alice.Page.Url.ShouldEndWith("/policy");
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Save the policy" }).ClickAsync();
        await alice.Page.GetByText("Saved. It binds keys").WaitForAsync();

        var keys = new KeysScreen(andy);
        await keys.OpenAsync();
        var create = await keys.CreateAsync();
        await create.ContinueAsync("Trigger editor");
        await create.Scope("triggers:write").CheckAsync();
        await Expect(create.Sentence).ToContainTextAsync("wants a second person to approve it");
        var reveal = await create.SubmitAsync();
        var key = (await reveal.Key.TextContentAsync())!;
        await Expect(andy.Page.GetByText("It waits for a second person")).ToBeVisibleAsync();
        await reveal.Stored.CheckAsync();
        await reveal.Done.ClickAsync();
        await keys.Row("Trigger editor").ClickAsync();
        await Expect(andy.Page.Locator(".key-notice")).ToContainTextAsync("so somebody else decides: Alice.");
        await Expect(andy.Page.GetByRole(AriaRole.Button, new() { Name = "Approve…" })).ToHaveCountAsync(0);
        (await CodeAsync(portal, key)).ShouldBe(ValidationCode.NotYetValid);

        await alice.OpenAsync("/");
        await alice.Page.GetByText("Waits for your approval").ClickAsync();
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Approve…" }).ClickAsync();
        await Expect(alice.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("A live secret key that may write triggers");
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Approve the key" }).ClickAsync();
        await Expect(alice.Page.Locator(".page-head .status")).ToHaveTextAsync("Active");
        (await CodeAsync(portal, key)).ShouldBe(ValidationCode.Valid);
        alice.Errors.ShouldBeEmpty();
        andy.Errors.ShouldBeEmpty();
    }

    private static async Task<ValidationCode> CodeAsync(LivePortal portal, string key) =>
        (await portal.Portal.Get<KeyValidator>().ValidateAsync(portal.Cast.AcmeId, new ValidationRequest { Key = key })).Code;

    [Fact]
    public async Task A_scope_is_added_edited_and_removed_with_its_errors_in_place()
    {
        await using var portal = await Stage.OpenAsync();
        await portal.Portal.KeyAsync(portal.Cast.Dora, with: i => i with { Scopes = ["events:read"] });
        await using var alice = await Visitor.ArriveAsync(stage, portal);
        var page = alice.Page;
        await alice.SignInAsync(portal.Cast.Alice);
        await alice.OpenAsync("/scopes");
        async Task ActAsync(string scope, string act)
        {
            await page.GetByRole(AriaRole.Button, new() { Name = $"Acts on {scope}" }).ClickAsync();
            await page.GetByRole(AriaRole.Menuitem, new() { Name = act }).ClickAsync();
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Add a scope" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Invoices");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the scope" }).ClickAsync();
        await page.GetByText("A scope has the form resource:action").WaitForAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("invoices:read");
        await page.GetByLabel("Description", new() { Exact = true }).FillAsync("See invoices");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the scope" }).ClickAsync();
        var row = page.Locator(".scopes tbody tr").Filter(new() { HasText = "invoices:read" });
        await Expect(row).ToContainTextAsync("See invoices");
        await ActAsync("invoices:read", "Edit…");
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Publishable" }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save changes" }).ClickAsync();
        await Expect(row).ToContainTextAsync("publishable");
        await ActAsync("invoices:read", "Remove…");
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove the scope" }).ClickAsync();
        await Expect(row).ToHaveCountAsync(0);
        await ActAsync("events:read", "Remove…");
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove the scope" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Alert)).ToContainTextAsync("events:read is held by 1 key.");
        alice.Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Its_pages_are_usable_by_everyone(int width)
    {
        await using var portal = await Stage.OpenAsync();
        var cast = portal.Cast;
        await portal.Portal.ApprovalAsync(cast.Alice, "triggers:write", "organizations:*");
        await portal.Portal.PolicyAsync(cast.Alice, p => p with { NetworksRequiredForLive = false, RotationAgeSeconds = 7_776_000 });
        var waiting = await portal.Portal.LiveKeyAsync(cast.Dora, "triggers:write");
        await portal.Portal.KeyAsync(cast.Dora, with: i => i with { Scopes = ["triggers:*", "events:read"] });
        await portal.Portal.PolicyAsync(cast.Alice, p => p with { NetworksRequiredForLive = true });
        await using var alice = await Visitor.ArriveAsync(stage, portal, width);
        await using var dora = await Visitor.ArriveAsync(stage, portal, width);
        await alice.SignInAsync(cast.Alice);
        await alice.Page.GetByText("Waits for your approval").WaitForAsync();
        await alice.Page.LookAsync("overview-waiting");
        await alice.OpenAsync("/policy");
        await alice.Page.GetByLabel("Keys a member may own").FillAsync("0");
        await alice.Page.GetByRole(AriaRole.Radio, new() { Name = "Never" }).CheckAsync();
        await alice.Page.GetByRole(AriaRole.Checkbox, new() { Name = "Keys may never expire" }).UncheckAsync();
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Save the policy" }).ClickAsync();
        await alice.Page.GetByText("A member may own 1 to 1,000,000 keys").WaitForAsync();
        await alice.Page.LookAsync("policy");
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Discard changes" }).ClickAsync();
        await alice.OpenAsync("/scopes");
        await alice.Page.GetByText("by wildcard").First.WaitForAsync();
        await alice.Page.LookAsync("scopes");
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Add a scope" }).ClickAsync();
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Add the scope" }).ClickAsync();
        await alice.Page.GetByText("A scope has the form resource:action").WaitForAsync();
        await alice.Page.LookAsync("scope-add");
        await alice.OpenAsync($"/keys/{waiting.Key.Id}?tab=restrictions");
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Approve…" }).WaitForAsync();
        await alice.Page.LookAsync("key-pending");
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Approve…" }).ClickAsync();
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Approve the key" }).WaitForAsync();
        await alice.Page.LookAsync("key-approve");
        await alice.Page.Keyboard.PressAsync("Escape");
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Decline…" }).ClickAsync();
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Decline the key" }).WaitForAsync();
        await alice.Page.LookAsync("key-decline");

        await dora.SignInAsync(cast.Dora);
        await dora.OpenAsync("/policy");
        await dora.Page.GetByText("Owners and admins can change it.").WaitForAsync();
        await dora.Page.LookAsync("policy-read");
        await dora.OpenAsync($"/keys/{waiting.Key.Id}");
        await dora.Page.GetByText("so somebody else decides").WaitForAsync();
        await dora.Page.LookAsync("key-pending-own");
        await dora.OpenAsync("/keys");
        var create = await new KeysScreen(dora).CreateAsync();
        await create.ContinueAsync("Trigger editor");
        await create.Scope("triggers:write").CheckAsync();
        await create.Submit.ClickAsync();
        await create.Dialog.GetByText("wants a live key to name the networks").WaitForAsync();
        await dora.Page.LookAsync("create-required");
        alice.Errors.ShouldBeEmpty();
        dora.Errors.ShouldBeEmpty();
    }
}
