using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Keys;
using KeyPortal.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KeyPortal.E2E.Journeys;

/// <summary>Who sees which keys, and who finds which buttons.</summary>
public sealed class KeyAccessJourney(Stage stage)
{
    [Fact]
    public async Task A_developer_sees_no_key_of_another_in_the_list_nor_by_its_address()
    {
        await using var portal = await Stage.OpenAsync();
        var dans = await portal.Portal.KeyAsync(portal.Cast.Dan, "Dan's key");
        await portal.Portal.KeyAsync(portal.Cast.Dora, "Dora's key");
        await using var dora = await Visitor.ArriveAsync(stage, portal);
        await dora.SignInAsync(portal.Cast.Dora);
        var keys = new KeysScreen(dora);

        await keys.OpenAsync();
        await Expect(keys.Rows).ToHaveCountAsync(1);
        await Expect(keys.Row("Dora's key")).ToBeVisibleAsync();
        var answer = await dora.Page.GotoAsync($"/keys/{dans.Key.Id}");

        answer!.Status.ShouldBe(404);
        await dora.LiveAsync();
        await Expect(dora.Page.GetByRole(AriaRole.Heading, new() { Name = "There is nothing here" })).ToBeVisibleAsync();
        (await dora.Page.ContentAsync()).ShouldNotContain("Dan's key");
    }

    [Fact]
    public async Task An_auditor_finds_nothing_to_press_that_changes_a_key()
    {
        await using var portal = await Stage.OpenAsync();
        var key = await portal.Portal.KeyAsync(portal.Cast.Alice, "Alice's key");
        await using var audrey = await Visitor.ArriveAsync(stage, portal);
        await audrey.SignInAsync(portal.Cast.Audrey);
        var keys = new KeysScreen(audrey);

        await keys.OpenAsync();
        await Expect(keys.Row("Alice's key")).ToBeVisibleAsync();
        await Expect(audrey.Page.GetByRole(AriaRole.Button, new() { Name = "Create key" })).ToHaveCountAsync(0);
        await Expect(audrey.Page.GetByRole(AriaRole.Button, new() { Name = "Acts on" })).ToHaveCountAsync(0);
        await keys.Row("Alice's key").ClickAsync();
        await audrey.Page.GetByRole(AriaRole.Heading, new() { Name = "Alice's key" }).WaitForAsync();

        foreach (var name in new[] { "Edit", "Disable", "Enable", "Revoke" })
        {
            await Expect(audrey.Page.GetByRole(AriaRole.Button, new() { Name = name })).ToHaveCountAsync(0);
        }

        await audrey.Page.GetByRole(AriaRole.Link, new() { Name = "History" }).ClickAsync();
        await Expect(audrey.Page.GetByText("key.created")).ToBeVisibleAsync();
        key.Key.Status.ShouldBe(KeyStatus.Active);
        audrey.Errors.ShouldBeEmpty();
    }
}
