using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Tests.Support;
using Microsoft.Playwright;

namespace KeyPortal.E2E.Journeys;

/// <summary>A forgotten password, from the mail to the overview; and one that is changed.</summary>
public sealed class PasswordJourney(Stage stage)
{
    private const string New = "seven quiet lamps burn";

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Alice_forgets_hers_and_sets_a_new_one(int width)
    {
        await using var post = PostOffice.Open();
        await using var portal = await Stage.OpenAsync(post);
        await using var elsewhere = await Visitor.ArriveAsync(stage, portal);
        await elsewhere.SignInAsync(portal.Cast.Alice);
        await using var alice = await Visitor.ArriveAsync(stage, portal, width);
        var page = alice.Page;
        await page.GotoAsync("/sign-in");
        await page.LookAsync("sign-in-forgot");
        await page.GetByRole(AriaRole.Link, new() { Name = "Forgot your password?" }).ClickAsync();
        await page.GetByLabel("E-mail address").FillAsync("alice@acme.example");
        await page.LookAsync("forgot-password");
        await page.GetByRole(AriaRole.Button, new() { Name = "Mail me a link" }).ClickAsync();
        await page.GetByText("If this address has an account here").WaitForAsync();
        await page.LookAsync("forgot-password-asked");
        var mail = await post.NextAsync();

        await page.GotoAsync($"{mail.Path}#{mail.Fragment}");
        await page.GetByLabel("A new password").FillAsync("password1234");
        page.Url.ShouldEndWith(mail.Path, customMessage: "the token leaves the address bar");
        (await page.GetByLabel("The link's code").IsVisibleAsync()).ShouldBeFalse();
        await page.GetByText("Easy to guess", new() { Exact = true }).WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Set the password" }).ClickAsync();
        await page.GetByText("too easy to guess").WaitForAsync();
        await page.LookAsync("reset-password-refused");
        await page.GetByLabel("A new password").FillAsync(New);
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        (await page.GetByLabel("A new password").GetAttributeAsync("type")).ShouldBe("text");
        await page.GetByText("Very good").WaitForAsync();
        await page.LookAsync("reset-password");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set the password" }).ClickAsync();
        await page.GetByText("Your new password is set").WaitForAsync();
        await page.LookAsync("reset-password-done");

        await elsewhere.Page.WaitForURLAsync("**/sign-in**");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
        await alice.TypePasswordAsync("alice@acme.example", New);
        await alice.TypeCodeAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Overview" }).WaitForAsync();
        (await post.NextAsync()).Subject.ShouldBe("Your KeyPortal password was changed");
        await page.GotoAsync($"{mail.Path}#{mail.Fragment}");
        await page.GetByLabel("A new password").FillAsync("another good one: teapot");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set the password" }).ClickAsync();
        await page.GetByText("not good any more").WaitForAsync();
        await page.LookAsync("reset-password-link-not-good");
        alice.Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Alice_changes_hers_from_her_account(int width)
    {
        await using var portal = await Stage.OpenAsync();
        await using var elsewhere = await Visitor.ArriveAsync(stage, portal);
        await elsewhere.SignInAsync(portal.Cast.Alice);
        await using var alice = await Visitor.ArriveAsync(stage, portal, width);
        var page = alice.Page;
        await alice.SignInAsync(portal.Cast.Alice);

        await alice.OpenAsync("/account");
        await page.GetByRole(AriaRole.Link, new() { Name = "Change password" }).ClickAsync();
        await page.GetByLabel("Your present password").FillAsync("not this one");
        await page.GetByLabel("A new password").FillAsync(New);
        await page.GetByRole(AriaRole.Button, new() { Name = "Change the password" }).ClickAsync();
        await page.GetByText("This is not your present password.").WaitForAsync();
        await page.LookAsync("change-password");
        await page.GetByLabel("Your present password").FillAsync(Cast.Password);
        await page.GetByLabel("A new password").FillAsync(New);
        await page.GetByRole(AriaRole.Button, new() { Name = "Change the password" }).ClickAsync();
        await page.GetByText("Your password is changed.").WaitForAsync();
        await page.LookAsync("change-password-done");

        await elsewhere.Page.WaitForURLAsync("**/sign-in**");
        await page.GetByRole(AriaRole.Link, new() { Name = "Back to your account" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Your account" }).WaitForAsync();
        alice.Errors.ShouldBeEmpty();
    }
}
