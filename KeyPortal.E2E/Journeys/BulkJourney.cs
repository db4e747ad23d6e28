using System.Net;
using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KeyPortal.E2E.Journeys;

/// <summary>One act for many keys, and the end of all that an incident touched.</summary>
public sealed class BulkJourney(Stage stage)
{
    private static readonly (string, string) Room = ("KeyPortal:Policy:KeysPerMember", "1000");

    [Fact]
    public async Task Keys_are_selected_over_pages_tagged_disabled_and_revoked()
    {
        await using var portal = await Stage.OpenAsync(settings: Room);
        await FillAsync(portal, portal.Cast.Alice, 52);
        await using var alice = await Visitor.ArriveAsync(stage, portal);
        await alice.SignInAsync(portal.Cast.Alice);
        var (keys, bulk) = (new KeysScreen(alice), new BulkScreen(alice));
        await keys.OpenAsync("?sort=name");

        await bulk.SelectAsync("Key 00");
        await bulk.SelectAsync("Key 01");
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Next page" }).ClickAsync();
        await bulk.SelectAsync("Key 51");
        await Expect(bulk.Bar).ToContainTextAsync("3 keys selected");
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Previous page" }).ClickAsync();
        await Expect(bulk.Box("Key 01")).ToBeCheckedAsync();
        alice.Page.Url.ShouldNotContain("key_");
        await bulk.PressAsync("Tag…");
        await Expect(bulk.Dialog).ToContainTextAsync("Key 51");
        await bulk.Dialog.GetByLabel("Add tags").FillAsync("nightly");
        await bulk.Dialog.GetByRole(AriaRole.Button, new() { Name = "Change 3 keys" }).ClickAsync();
        await Expect(alice.Page.GetByText("3 keys are tagged anew.")).ToBeVisibleAsync();
        await Expect(bulk.Bar).ToHaveCountAsync(0);
        (await CountAsync(portal, k => k.Tags.Contains("nightly"))).ShouldBe(3);

        await bulk.SelectPageAsync();
        await bulk.Bar.GetByRole(AriaRole.Button, new() { Name = "Select all 52 keys" }).ClickAsync();
        await Expect(bulk.Bar).ToContainTextAsync("All 52 keys of the list selected");
        await keys.Search.FillAsync("Key 1");
        await Expect(keys.Rows).ToHaveCountAsync(10);
        await Expect(bulk.Bar).ToHaveCountAsync(0);
        await keys.Search.FillAsync("Key");
        await alice.Page.GetByText("1–50 of 52").WaitForAsync();
        await bulk.SelectPageAsync();
        await bulk.Bar.GetByRole(AriaRole.Button, new() { Name = "Select all 52 that match the filter" }).ClickAsync();
        await bulk.PressAsync("Disable…");
        await bulk.Dialog.GetByRole(AriaRole.Button, new() { Name = "Disable 52 keys" }).ClickAsync();
        await Expect(alice.Page.GetByText("52 keys are disabled.")).ToBeVisibleAsync();
        (await CountAsync(portal, k => k.Status == KeyStatus.Disabled)).ShouldBe(52);

        await bulk.SelectAsync("Key 00");
        await bulk.SelectAsync("Key 02");
        await bulk.PressAsync("Revoke…");
        var revoke = bulk.Dialog.GetByRole(AriaRole.Button, new() { Name = "Revoke 2 keys" });
        await bulk.Count.FillAsync("3");
        await Expect(bulk.Dialog).ToContainTextAsync("That is not the number of keys above.");
        await Expect(revoke).ToBeDisabledAsync();
        await bulk.Count.FillAsync("2");
        await bulk.Dialog.GetByLabel("Reason").SelectOptionAsync(new SelectOptionValue { Label = "Another key has replaced it" });
        await revoke.ClickAsync();
        await Expect(alice.Page.GetByText("2 keys are revoked.")).ToBeVisibleAsync();
        (await CountAsync(portal, k => k.RevocationReason == RevocationReason.Superseded)).ShouldBe(2);
        alice.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_keys_are_rotated_and_both_secrets_seen_once()
    {
        await using var portal = await Stage.OpenAsync(settings: Room);
        await FillAsync(portal, portal.Cast.Alice, 3);
        await using var alice = await Visitor.ArriveAsync(stage, portal);
        await alice.SignInAsync(portal.Cast.Alice);
        var (keys, bulk) = (new KeysScreen(alice), new BulkScreen(alice));
        await keys.OpenAsync();
        await bulk.SelectAsync("Key 00");
        await bulk.SelectAsync("Key 02");
        await bulk.PressAsync("Rotate…");
        await bulk.Count.FillAsync("2");
        await bulk.Dialog.GetByRole(AriaRole.Button, new() { Name = "Rotate 2 keys" }).ClickAsync();
        await Expect(alice.Page.Locator("code.secret")).ToHaveCountAsync(2);
        var secrets = await alice.Page.Locator("code.secret").AllTextContentsAsync();
        await alice.Page.Keyboard.PressAsync("Escape");
        await Expect(alice.Page.Locator("code.secret")).ToHaveCountAsync(2);

        var download = await alice.Page.RunAndWaitForDownloadAsync(() => bulk.Dialog.GetByRole(AriaRole.Button, new() { Name = "Download all as CSV" }).ClickAsync());
        var file = await File.ReadAllTextAsync(await download.PathAsync());
        secrets.ShouldAllBe(secret => file.Contains(secret));
        await bulk.Dialog.GetByRole(AriaRole.Button, new() { Name = "Copy the secret of Key 00" }).ClickAsync();
        await Expect(bulk.Dialog.GetByRole(AriaRole.Button, new() { Name = "Done" })).ToBeDisabledAsync();
        await bulk.Dialog.GetByLabel("I have stored all of them where my systems read them").CheckAsync();
        await bulk.Dialog.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Expect(alice.Page.Locator("code.secret")).ToHaveCountAsync(0);

        var page = await alice.Page.ContentAsync();
        secrets.ShouldAllBe(secret => !page.Contains(secret));
        using var http = portal.Client();
        foreach (var secret in secrets)
        {
            (await AskAsync(http, secret)).ShouldBe(HttpStatusCode.OK);
        }

        alice.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task All_keys_seen_from_an_address_are_revoked_behind_glass()
    {
        await using var portal = await Stage.OpenAsync(settings: Room);
        var seen = await portal.Portal.KeyAsync(portal.Cast.Dora, "Seen there");
        await portal.Portal.KeyAsync(portal.Cast.Dora, "Never used");
        using var http = new HttpClient { BaseAddress = new Uri(portal.Address.Replace("localhost", "127.0.0.1", StringComparison.Ordinal)) };
        (await AskAsync(http, seen.Plaintext.Expose())).ShouldBe(HttpStatusCode.OK);
        await using var alice = await Visitor.ArriveAsync(stage, portal);
        await alice.SignInAsync(portal.Cast.Alice);
        await new KeysScreen(alice).OpenAsync();
        var (page, bulk) = (alice.Page, new BulkScreen(alice));

        await page.GetByRole(AriaRole.Button, new() { Name = "More acts" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Break glass…" }).ClickAsync();
        await page.GetByLabel("Seen from").FillAsync("127.0.0.1/8");
        await bulk.ShowAsync();
        await page.GetByText("host bits").WaitForAsync();
        await page.GetByLabel("Seen from").FillAsync("127.0.0.1");
        await bulk.ShowAsync();
        await Expect(page.Locator(".stake li")).ToHaveCountAsync(1);
        await Expect(page.Locator(".stake li")).ToContainTextAsync("Seen there");
        await Expect(page.Locator(".stake li")).ToContainTextAsync("Dora");
        await bulk.Count.FillAsync("1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke 1 key" }).ClickAsync();
        await page.GetByText("1 key is revoked").WaitForAsync();

        (await AskAsync(http, seen.Plaintext.Expose())).ShouldBe(HttpStatusCode.Unauthorized);
        (await CountAsync(portal, k => k.Status == KeyStatus.Revoked)).ShouldBe(1);
        await page.GetByRole(AriaRole.Link, new() { Name = "See the audit entries" }).ClickAsync();
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync("Seen there");
        alice.Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Every_step_is_usable(int width)
    {
        await using var portal = await Stage.OpenAsync(settings: Room);
        await FillAsync(portal, portal.Cast.Dora, 52);
        await portal.Portal.KeyAsync(portal.Cast.Alice, new string('W', 60), environment: KeyEnvironment.Live);
        await using var alice = await Visitor.ArriveAsync(stage, portal, width);
        await using var audrey = await Visitor.ArriveAsync(stage, portal, width);
        var (page, keys, bulk) = (alice.Page, new KeysScreen(alice), new BulkScreen(alice));
        await alice.SignInAsync(portal.Cast.Alice);
        await keys.OpenAsync();
        await bulk.SelectPageAsync();
        await page.LookAsync("bulk-bar");
        await bulk.Bar.GetByRole(AriaRole.Button, new() { Name = "Select all 53 keys" }).ClickAsync();
        foreach (var (act, words) in new[] { ("Revoke…", "Revoke 53 keys"), ("Disable…", "Disable 53 keys"), ("Tag…", "Change 53 keys"), ("Rotate…", "Rotate 53 keys") })
        {
            await bulk.PressAsync(act);
            await bulk.Dialog.GetByRole(AriaRole.Button, new() { Name = words }).WaitForAsync();
            await page.LookAsync("bulk-" + act.TrimEnd('…').ToLowerInvariant());
            await bulk.Dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        }

        var pending = await portal.Portal.KeyAsync(portal.Cast.Alice, "Retired already");
        await portal.Portal.Get<KeyRevocation>().RetireAsync(portal.Cast.Alice, pending.Key.Id, RevocationReason.Unspecified, TimeSpan.FromDays(7));
        await keys.OpenAsync("?sort=-name");
        foreach (var name in new[] { new string('W', 60), "Retired already", "Key 51", "Key 50", "Key 49" })
        {
            await bulk.SelectAsync(name);
        }

        await bulk.PressAsync("Rotate…");
        await bulk.Count.FillAsync("5");
        await bulk.Dialog.GetByRole(AriaRole.Button, new() { Name = "Rotate 5 keys" }).ClickAsync();
        await page.GetByText("1 key was not rotated").WaitForAsync();
        await page.LookAsync("bulk-reveal");
        await bulk.Dialog.GetByLabel("I have stored").CheckAsync();
        await bulk.Dialog.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();

        await alice.OpenAsync("/keys/break-glass");
        await page.LookAsync("bulk-glass");
        await page.GetByLabel("Made by").SelectOptionAsync("Dora");
        await page.GetByLabel("Made since").FillAsync("2026-01-01T00:00");
        await bulk.ShowAsync();
        await bulk.Count.FillAsync("50");
        await page.LookAsync("bulk-glass-keys");
        await bulk.Count.FillAsync("52");
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke 52 keys" }).ClickAsync();
        await page.GetByText("52 keys are revoked").WaitForAsync();
        await page.LookAsync("bulk-glass-done");
        await audrey.SignInAsync(portal.Cast.Audrey);
        await new KeysScreen(audrey).OpenAsync();
        await Expect(audrey.Page.GetByRole(AriaRole.Checkbox)).ToHaveCountAsync(0);
        await Expect(audrey.Page.GetByRole(AriaRole.Button, new() { Name = "More acts" })).ToHaveCountAsync(0);
        await audrey.Page.LookAsync("bulk-auditor");
        alice.Errors.ShouldBeEmpty();
    }

    private static async Task FillAsync(LivePortal portal, Actor owner, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await portal.Portal.KeyAsync(owner, $"Key {i:00}");
        }
    }

    private static async Task<int> CountAsync(LivePortal portal, Func<KeyView, bool> which) =>
        (await portal.Portal.Get<KeyQueries>().ListAsync(portal.Cast.Alice, new KeyFilter(), 200, null)).Value.Items.Count(which);

    private static async Task<HttpStatusCode> AskAsync(HttpClient http, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/auth/key");
        request.Headers.Add("X-API-Key", key);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }
}
