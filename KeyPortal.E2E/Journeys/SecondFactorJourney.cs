using KeyPortal.Access;
using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Tests.Support;
using Microsoft.Playwright;

namespace KeyPortal.E2E.Journeys;

/// <summary>From a password alone to a second factor, and in again without the phone.</summary>
public sealed class SecondFactorJourney(Stage stage)
{
    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Alice_sets_an_app_up_signs_in_with_its_code_and_with_a_recovery_code(int width)
    {
        await using var portal = await Stage.OpenAsync();
        await portal.Portal.WithoutSecondFactorAsync(portal.Cast.Alice);
        await using var alice = await Visitor.ArriveAsync(stage, portal, width);
        var page = alice.Page;

        await alice.TypePasswordAsync("alice@acme.example");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Overview" }).WaitForAsync();
        await alice.OpenAsync("/keys");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create key" }).First.ClickAsync();
        var live = page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Radio, new() { Name = "Live" });
        await live.WaitForAsync();
        (await live.IsDisabledAsync()).ShouldBeTrue();
        await page.LookAsync("live-closed");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Link, new() { Name = "Set one up" }).ClickAsync();

        var secret = TotpSecret.TryParse(await page.Locator(".secret-fours").InnerTextAsync())!;
        await page.GetByLabel("Code", new() { Exact = true }).FillAsync("000000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set up" }).ClickAsync();
        await page.GetByText("This is not the code that the app shows").WaitForAsync();
        TotpSecret.TryParse(await page.Locator(".secret-fours").InnerTextAsync())!.ExposeBase32().ShouldBe(secret.ExposeBase32(), "the app has it already");
        await page.LookAsync("authenticator");
        var now = DateTimeOffset.UtcNow;
        await page.GetByLabel("Code", new() { Exact = true }).FillAsync(Totp.CodeAt(secret, now));
        await page.GetByRole(AriaRole.Button, new() { Name = "Set up" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Your authenticator app is set up" }).WaitForAsync();
        var codes = await page.Locator("#recovery-codes code").AllInnerTextsAsync();
        codes.Count.ShouldBe(RecoveryCodes.Count);
        await page.GetByRole(AriaRole.Button, new() { Name = "Copy" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Copied" }).WaitForAsync();
        (await page.EvaluateAsync<string>("navigator.clipboard.readText()")).ShouldBe(string.Join('\n', codes));
        await page.LookAsync("recovery-codes-once");
        await page.GetByRole(AriaRole.Link, new() { Name = "I have stored them" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Keys", Exact = true }).WaitForAsync();
        await alice.LiveAsync();

        await page.Context.ClearCookiesAsync();
        await alice.TypePasswordAsync("alice@acme.example");
        await page.GetByLabel("Code", new() { Exact = true }).WaitForAsync();
        await page.GotoAsync("/keys");
        page.Url.ShouldContain("/sign-in");
        await page.GotoAsync("/sign-in/second-factor");
        await alice.TypeCodeAsync("000000");
        await page.GetByText("This code is wrong or was used already").WaitForAsync();
        await page.LookAsync("second-factor");
        await page.GetByRole(AriaRole.Link, new() { Name = "Use a recovery code instead" }).ClickAsync();
        await page.GetByLabel("Recovery code").FillAsync(codes[0].ToUpperInvariant());
        await page.LookAsync("second-factor-recovery");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.GetByText("9 recovery codes are left").WaitForAsync();
        await page.LookAsync("recovery-code-used");
        await page.GetByRole(AriaRole.Link, new() { Name = "Continue" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Overview" }).WaitForAsync();
        await alice.LiveAsync();
        alice.Errors.ShouldBeEmpty();

    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task What_guards_an_account_changes_only_after_a_fresh_confirmation(int width)
    {
        await using var portal = await Stage.OpenAsync(false, ("KeyPortal:Sessions:FreshMinutes", "1"));
        await using var alice = await Visitor.ArriveAsync(stage, portal, width);
        var page = alice.Page;
        await alice.SignInAsync(portal.Cast.Alice);
        await portal.Portal.AgeSessionsAsync(portal.Cast.Alice, TimeSpan.FromMinutes(2));

        await page.GotoAsync("/account/authenticator?return=%2Fkeys");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Confirm that it is you" }).WaitForAsync();
        await page.GetByLabel("Password").FillAsync("not the password");
        await page.GetByLabel("Code", new() { Exact = true }).FillAsync(Cast.CodeNow(portal.Portal));
        await page.GetByRole(AriaRole.Button, new() { Name = "Confirm" }).ClickAsync();
        await page.GetByText("This is not your password").WaitForAsync();
        await page.LookAsync("confirm");
        await page.GetByLabel("Password").FillAsync(Cast.Password);
        await page.GetByLabel("Code", new() { Exact = true }).FillAsync(Cast.CodeNow(portal.Portal));
        await page.GetByRole(AriaRole.Button, new() { Name = "Confirm" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Replace your authenticator app" }).WaitForAsync();

        await page.GotoAsync("/account/recovery-codes");
        await page.LookAsync("recovery-codes");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make ten new codes" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Your new recovery codes" }).WaitForAsync();
        (await page.Locator("#recovery-codes code").CountAsync()).ShouldBe(RecoveryCodes.Count);
        alice.Errors.ShouldBeEmpty();
    }
}
