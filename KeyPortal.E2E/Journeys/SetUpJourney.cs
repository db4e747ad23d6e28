using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Setup;
using Microsoft.Playwright;

namespace KeyPortal.E2E.Journeys;

/// <summary>From an empty instance to a chart that moves.</summary>
public sealed class SetUpJourney(Stage stage)
{
    [Fact]
    public async Task The_first_person_founds_an_organization_and_is_led_to_a_first_call()
    {
        await using var portal = await Stage.OpenAsync(empty: true);
        await using var alice = await Visitor.ArriveAsync(stage, portal);
        var page = alice.Page;
        var code = portal.Portal.Get<SetupCode>().Issue();

        await page.GotoAsync("/");
        await FillAsync(page, code: "00000000-00000000-00000000-00000000");
        await page.GetByText("This is not the code on the console").WaitForAsync();
        (await page.GetByLabel("Organization").InputValueAsync()).ShouldBe("Ünïcode & Söhne <script>");
        await FillAsync(page, code);

        await alice.LiveAsync();
        await page.GetByText("Three steps to a guarded API").WaitForAsync();
        await page.LookAsync("first-steps");
        await page.GotoAsync("/set-up");
        page.Url.ShouldContain("/sign-in");
        alice.Errors.ShouldBeEmpty();
    }

    private static async Task FillAsync(IPage page, string code)
    {
        await page.GetByLabel("Set-up code").FillAsync(code);
        await page.GetByLabel("Organization").FillAsync("Ünïcode & Söhne <script>");
        await page.GetByLabel("Your name").FillAsync("Alice Kim");
        await page.GetByLabel("Your e-mail address").FillAsync("alice@example.com");
        await page.GetByLabel("A new password").FillAsync("correct horse battery staple");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set up" }).ClickAsync();
    }
}
