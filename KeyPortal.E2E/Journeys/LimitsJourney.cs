using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Keys;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;
using KeyPortal.Validation;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KeyPortal.E2E.Journeys;

/// <summary>Limits of a key: set in its dialog, run into over HTTP, watched on its page.</summary>
public sealed class LimitsJourney(Stage stage)
{
    [Fact]
    public async Task A_limit_is_set_met_watched_and_changed()
    {
        await using var portal = await Stage.OpenAsync();
        using var gateway = portal.Client();
        gateway.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await portal.Portal.ManagementKeyAsync(portal.Cast.Andy));
        await using var alice = await Visitor.ArriveAsync(stage, portal);
        await alice.SignInAsync(portal.Cast.Alice);

        var plaintext = await CreateAsync(alice);
        var gauge = await WatchAsync(alice);
        await Expect(gauge).ToContainTextAsync("0 of 3 used");
        await Expect(gauge).ToContainTextAsync("Bursts of 3, then one every 20 minutes; a client that waits as told is never refused.");
        await alice.Page.EvaluateAsync("window.notReloaded = true");
        foreach (var code in (string[])["valid", "valid", "valid", "rate_limited"])
        {
            (await ValidateAsync(gateway, plaintext)).ShouldBe(code);
        }

        await Expect(gauge).ToContainTextAsync("3 of 3 used");
        await Expect(gauge).ToContainTextAsync("Spent");
        await Expect(gauge).ToContainTextAsync("more in 20 min");
        await ChangeAsync(alice);
        await Expect(gauge).ToContainTextAsync("of 5 used");
        (await ValidateAsync(gateway, plaintext)).ShouldBe("valid");
        (await alice.Page.EvaluateAsync<bool>("window.notReloaded")).ShouldBeTrue();
        alice.Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Its_pages_are_usable_by_everyone(int width)
    {
        await using var portal = await Stage.OpenAsync();
        var (_, bare) = (await MeteredAsync(portal), await portal.Portal.KeyAsync(portal.Cast.Alice, "No limits yet"));
        await using var alice = await Visitor.ArriveAsync(stage, portal, width);
        var page = alice.Page;
        await alice.SignInAsync(portal.Cast.Alice);
        await alice.OpenAsync($"/keys/{bare.Key.Id}?tab=limits");
        await page.GetByText("never refused for their number").WaitForAsync();
        await page.LookAsync("limits-none");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set limits" }).ClickAsync();
        await Expect(page.GetByLabel("Tier", new() { Exact = true })).ToBeFocusedAsync();
        await page.GetByLabel("Tier", new() { Exact = true }).SelectOptionAsync("free");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a rate limit" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Group, new() { Name = "Rate limit 1" })).ToBeFocusedAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a rate limit" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a quota" }).ClickAsync();
        await page.LookAsync("limits-edit");
        await page.Locator("#rate-limit-1-limit").FillAsync("a hundred");
        await page.Locator("#rate-limit-1-window").FillAsync("40");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save changes" }).ClickAsync();
        await page.GetByText("A limit is a whole number").WaitForAsync();
        await page.Locator("#rate-limit-1-limit").ScrollIntoViewIfNeededAsync();
        await page.LookAsync("limits-wrong");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        var keys = new KeysScreen(alice);
        await keys.OpenAsync("?q=Metered");
        await keys.Row("Metered").GetByText("Metered").ClickAsync();
        await OpenTabAsync(page);
        await page.GetByText("calls go on", new() { Exact = false }).First.WaitForAsync();
        await page.LookAsync("limits-gauges");
        await page.GetByRole(AriaRole.Button, new() { Name = "Change limits" }).ClickAsync();
        await page.Locator("#quota-0-mode").SelectOptionAsync("Hard");
        await page.GetByText("would have refused at least 1").WaitForAsync();
        await page.LookAsync("limits-effect");
        alice.Errors.ShouldBeEmpty();
    }

    /// <summary>The key's own, not the page of all limits beside it in the menu.</summary>
    private static Task OpenTabAsync(IPage page) =>
        page.GetByRole(AriaRole.Navigation, new() { Name = "About this key" }).GetByRole(AriaRole.Link, new() { Name = "Limits", Exact = true }).ClickAsync();

    private static async Task<string> CreateAsync(Visitor alice)
    {
        var keys = new KeysScreen(alice);
        await keys.OpenAsync();
        var create = await keys.CreateAsync();
        await create.ContinueAsync("Metered", environment: "Test");
        await create.Dialog.GetByText("Limits", new() { Exact = true }).ClickAsync();
        await create.Dialog.GetByRole(AriaRole.Button, new() { Name = "Add a rate limit" }).ClickAsync();
        var row = create.Dialog.GetByRole(AriaRole.Group, new() { Name = "Rate limit 1" });
        await row.GetByLabel("Calls").FillAsync("3");
        await row.GetByLabel("Unit").SelectOptionAsync("hours");
        await Expect(row).ToContainTextAsync("Bursts of 3, then one every 20 minutes; a client that waits as told is never refused. Warns from 3.");
        await row.GetByLabel("Warn at percent").FillAsync("50");
        await Expect(row).ToContainTextAsync("Warns from 2.");
        await Expect(create.Sentence).ToContainTextAsync(", at most 3 calls an hour.");
        var reveal = await create.SubmitAsync();
        var plaintext = await reveal.Key.InnerTextAsync();
        await reveal.Stored.CheckAsync();
        await reveal.Done.ClickAsync();
        return plaintext;
    }

    private static async Task<ILocator> WatchAsync(Visitor alice)
    {
        await new KeysScreen(alice).Row("Metered").GetByText("Metered").ClickAsync();
        await OpenTabAsync(alice.Page);
        return alice.Page.Locator(".gauge").Filter(new() { HasText = "burst" });
    }

    private static async Task ChangeAsync(Visitor alice)
    {
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Change limits" }).ClickAsync();
        await alice.Page.GetByRole(AriaRole.Group, new() { Name = "Rate limit 1" }).GetByLabel("Calls").FillAsync("5");
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Save changes" }).ClickAsync();
    }

    /// <summary>A key with a limit in each state that a gauge can show.</summary>
    private static async Task<IssuedKey> MeteredAsync(LivePortal portal)
    {
        var key = await portal.Portal.KeyAsync(portal.Cast.Alice, "Metered", with: i => i with
        {
            RateLimits = [new("fine", "token_bucket", 1_000_000, 86_400, 90), new("near", "sliding_window", 7, 86_400, 70), new("spent-in-a-fixed-window-of-days", "fixed_window", 6, 172_800, 50)],
            Quotas = [new("month", 5, "soft", 80)],
            Tier = "free",
        });
        for (var i = 0; i < 6; i++)
        {
            (await portal.Portal.Get<KeyValidator>().ValidateAsync(portal.Cast.AcmeId, new ValidationRequest { Key = key.Plaintext.Expose() })).Code.ShouldBe(ValidationCode.Valid);
        }

        await portal.Portal.Get<RollupWriter>().FlushAsync();
        return key;
    }

    private static async Task<string?> ValidateAsync(HttpClient gateway, string key)
    {
        using var answer = await gateway.PostAsJsonAsync("/api/v1/api-keys/validate", new { key });
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString();
    }
}
