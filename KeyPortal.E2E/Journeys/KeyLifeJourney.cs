using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KeyPortal.E2E.Journeys;

/// <summary>The life of one key, as its owner and the program that uses it live it.</summary>
public sealed class KeyLifeJourney(Stage stage)
{
    [Fact]
    public async Task A_key_is_created_seen_once_used_watched_and_revoked()
    {
        await using var portal = await Stage.OpenAsync();
        using var gateway = portal.Client();
        gateway.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await portal.Portal.ManagementKeyAsync(portal.Cast.Andy));
        await using var alice = await Visitor.ArriveAsync(stage, portal);
        await alice.SignInAsync(portal.Cast.Alice);

        var plaintext = await CreateAndStoreAsync(alice);
        await ShouldShowNowhereAsync(alice, plaintext);
        (await ValidateAsync(gateway, plaintext)).ShouldBe("valid");
        await ShouldShowUseAsync(alice);
        await RevokeAsync(alice);
        (await ValidateAsync(gateway, plaintext)).ShouldBe("revoked");

        var keys = new KeysScreen(alice);
        await keys.OpenAsync("?status=revoked");
        await Expect(keys.Row("Checkout server")).ToContainTextAsync("Revoked");
        alice.Errors.ShouldBeEmpty();
    }

    private static async Task<string> CreateAndStoreAsync(Visitor alice)
    {
        var keys = new KeysScreen(alice);
        await keys.OpenAsync();
        var create = await keys.CreateAsync();
        await create.ContinueAsync("Checkout server");
        await create.Scope("triggers:read").CheckAsync();
        await create.Networks.FillAsync("10.0.0.1/8");
        await Expect(create.Sentence).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^A live secret key that may read triggers"));
        await create.Submit.ClickAsync();

        // A refusal stands beside its field and takes nothing away.
        await Expect(create.Dialog.GetByText("10.0.0.1/8: A network is")).ToBeVisibleAsync();
        await Expect(create.Scope("triggers:read")).ToBeCheckedAsync();
        await create.Networks.FillAsync("");
        var reveal = await create.SubmitAsync();
        var plaintext = await reveal.Key.InnerTextAsync();
        await Expect(reveal.Done).ToBeDisabledAsync();
        await alice.Page.Keyboard.PressAsync("Escape");
        await alice.Page.Mouse.ClickAsync(5, 5);
        await Expect(reveal.Key).ToBeVisibleAsync();
        await reveal.CopyAsync();
        await Expect(reveal.Done).ToBeEnabledAsync();
        (await reveal.ClipboardAsync()).ShouldBe(plaintext);
        await reveal.Done.ClickAsync();
        await Expect(keys.Row("Checkout server")).ToContainTextAsync(plaintext[..14]);
        return plaintext;
    }

    private static async Task ShouldShowNowhereAsync(Visitor alice, string plaintext)
    {
        async Task Check(IPage page, string where) => (await page.ContentAsync()).ShouldNotContain(plaintext, Case.Sensitive, where);

        await Check(alice.Page, "after Done");
        await alice.Page.ReloadAsync();
        await alice.LiveAsync();
        await Expect(new KeysScreen(alice).Row("Checkout server")).ToBeVisibleAsync();
        await Check(alice.Page, "after a reload");
        await alice.Page.GetByRole(AriaRole.Link, new() { Name = "Checkout server" }).ClickAsync();
        await alice.Page.GetByRole(AriaRole.Heading, new() { Name = "Checkout server" }).WaitForAsync();
        await Check(alice.Page, "on the key's page");
        await alice.Page.GoBackAsync();
        await Expect(new KeysScreen(alice).Row("Checkout server")).ToBeVisibleAsync();
        await Check(alice.Page, "after going back");
        var second = await alice.NewTabAsync();
        await second.GotoAsync("/keys");
        await second.GetByText("Checkout server").First.WaitForAsync();
        await Check(second, "in a second tab");
        await second.CloseAsync();
    }

    private static async Task ShouldShowUseAsync(Visitor alice)
    {
        await alice.Page.GetByRole(AriaRole.Link, new() { Name = "Checkout server" }).ClickAsync();
        await Expect(alice.Page.Locator(".legend")).ToContainTextAsync("Valid 1", new() { Timeout = 10_000 });
        await Expect(alice.Page.GetByText("Never, as far as KeyPortal has seen.")).ToBeHiddenAsync(new() { Timeout = 40_000 });
    }

    private static async Task RevokeAsync(Visitor alice)
    {
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Revoke…" }).ClickAsync();
        var dialog = alice.Page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.GetByText("1 call in the last 24 hours will stop being answered")).ToBeVisibleAsync();
        await dialog.GetByLabel("Reason").SelectOptionAsync("KeyCompromise");
        var revoke = dialog.GetByRole(AriaRole.Button, new() { Name = "Revoke the key" });
        await Expect(revoke).ToBeDisabledAsync();
        await dialog.GetByLabel("Type the key's name to confirm").FillAsync("Checkout server");
        await revoke.ClickAsync();
        await Expect(alice.Page.GetByText("Revoked for good")).ToBeVisibleAsync();
        await Expect(alice.Page.GetByRole(AriaRole.Button, new() { Name = "Edit" })).ToBeHiddenAsync();
    }

    private static async Task<string> ValidateAsync(HttpClient gateway, string key)
    {
        var answer = await gateway.PostAsJsonAsync("/api/v1/api-keys/validate", new { key });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString()!;
    }
}
