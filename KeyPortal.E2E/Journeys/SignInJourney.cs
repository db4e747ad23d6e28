using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using Microsoft.Playwright;

namespace KeyPortal.E2E.Journeys;

public sealed class SignInJourney(Stage stage)
{
    [Fact]
    public async Task Alice_signs_in_and_out()
    {
        await using var portal = await Stage.OpenAsync();
        await using var alice = await Visitor.ArriveAsync(stage, portal);

        await alice.TypePasswordAsync("alice@acme.example");
        await alice.TypeCodeAsync();
        await alice.Page.GetByRole(AriaRole.Heading, new() { Name = "Overview" }).WaitForAsync();
        await alice.LiveAsync();
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await alice.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" }).WaitForAsync();
        await alice.Page.GotoAsync("/");

        alice.Page.Url.ShouldContain("/sign-in");
        alice.Errors.ShouldBeEmpty();
    }
}
