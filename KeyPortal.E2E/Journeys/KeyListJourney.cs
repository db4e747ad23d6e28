using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Keys;
using KeyPortal.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KeyPortal.E2E.Journeys;

/// <summary>Finding keys: by filter, by what is pasted, whatever they are called.</summary>
public sealed class KeyListJourney(Stage stage)
{
    private static readonly string[] Names =
    [
        "<script>document.title='owned'</script>",
        "مفتاح بوابة الدفع",
        "\U0001F510 vault \U0001F469‍\U0001F4BB",
        new string('W', 60),
        new string('m', 120),
    ];

    [Fact]
    public async Task Filters_and_order_live_in_the_address_and_survive_a_reload()
    {
        await using var portal = await Stage.OpenAsync();
        await portal.Portal.KeyAsync(portal.Cast.Alice, "Beta", environment: KeyEnvironment.Live);
        await portal.Portal.KeyAsync(portal.Cast.Alice, "Alpha", environment: KeyEnvironment.Live);
        await portal.Portal.KeyAsync(portal.Cast.Dora, "Gamma");
        await using var alice = await Visitor.ArriveAsync(stage, portal);
        await alice.SignInAsync(portal.Cast.Alice);
        var keys = new KeysScreen(alice);

        await keys.OpenAsync();
        await alice.Page.GetByLabel("Environment").SelectOptionAsync("live");
        await Expect(keys.Rows).ToHaveCountAsync(2);
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Name" }).ClickAsync();
        await Expect(keys.Rows.First).ToContainTextAsync("Alpha");
        await keys.Search.FillAsync("et");
        await Expect(keys.Rows).ToHaveCountAsync(1);
        await alice.Page.ReloadAsync();
        await alice.LiveAsync();

        await Expect(keys.Rows).ToHaveCountAsync(1);
        await Expect(keys.Row("Beta")).ToBeVisibleAsync();
        await Expect(keys.Search).ToHaveValueAsync("et");
        await Expect(alice.Page.GetByLabel("Environment")).ToHaveValueAsync("live");
        await Expect(alice.Page.GetByRole(AriaRole.Columnheader, new() { Name = "Name" })).ToHaveAttributeAsync("aria-sort", "ascending");
        alice.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_pasted_key_is_cut_to_its_start_and_found()
    {
        await using var portal = await Stage.OpenAsync();
        var key = await portal.Portal.KeyAsync(portal.Cast.Alice, "The lost one");
        await portal.Portal.KeyAsync(portal.Cast.Alice, "Another");
        await using var alice = await Visitor.ArriveAsync(stage, portal);
        await alice.SignInAsync(portal.Cast.Alice);
        var keys = new KeysScreen(alice);
        await keys.OpenAsync();

        // Twice: the second time, the box holds the start already.
        for (var i = 0; i < 2; i++)
        {
            await keys.Search.FillAsync($"KEYPORTAL_KEY={key.Plaintext.Expose()}");
            await Expect(keys.Search).ToHaveValueAsync(key.Key.Start);
            await Expect(keys.Rows).ToHaveCountAsync(1);
        }

        await Expect(keys.Row("The lost one")).ToBeVisibleAsync();
        alice.Page.Url.ShouldContain(key.Key.Start);
        alice.Page.Url.ShouldNotContain(key.Plaintext.Expose());
    }

    [Fact]
    public async Task Any_name_is_shown_as_text_and_breaks_nothing()
    {
        await using var portal = await Stage.OpenAsync();
        string? widest = null;
        foreach (var name in Names)
        {
            widest = (await portal.Portal.KeyAsync(portal.Cast.Alice, name)).Key.Id;
        }

        await using var alice = await Visitor.ArriveAsync(stage, portal, width: 390);
        await alice.SignInAsync(portal.Cast.Alice);
        var keys = new KeysScreen(alice);
        foreach (var width in new[] { 390, 1280 })
        {
            await alice.Page.SetViewportSizeAsync(width, 800);
            await keys.OpenAsync();
            (await keys.Rows.Locator("a.cell-title").AllInnerTextsAsync()).ShouldBe(Names, ignoreOrder: true);
            await alice.Page.ShouldBeUsableAsync($"strange names, {width}");
            await alice.OpenAsync($"/keys/{widest}");
            await alice.Page.GetByRole(AriaRole.Heading, new() { Name = Names[^1] }).WaitForAsync();
            await alice.Page.ShouldBeUsableAsync($"a name of 120 characters, {width}");
        }

        (await alice.Page.TitleAsync()).ShouldNotBe("owned");
        alice.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_of_a_long_list_follow_each_other_and_lead_back()
    {
        await using var portal = await Stage.OpenAsync(settings: ("KeyPortal:Policy:KeysPerMember", "100"));
        for (var i = 0; i < 53; i++)
        {
            await portal.Portal.KeyAsync(portal.Cast.Alice, $"Key {i:00}");
        }

        await using var alice = await Visitor.ArriveAsync(stage, portal);
        await alice.SignInAsync(portal.Cast.Alice);
        var keys = new KeysScreen(alice);

        await keys.OpenAsync("?sort=name");
        await Expect(alice.Page.GetByText("1–50 of 53")).ToBeVisibleAsync();
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Next page" }).ClickAsync();
        await Expect(alice.Page.GetByText("51–53 of 53")).ToBeVisibleAsync();
        await Expect(keys.Rows.First).ToContainTextAsync("Key 50");
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Previous page" }).ClickAsync();

        await Expect(keys.Rows.First).ToContainTextAsync("Key 00");
    }
}
