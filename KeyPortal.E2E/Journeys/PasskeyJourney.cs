using KeyPortal.Access;
using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace KeyPortal.E2E.Journeys;

/// <summary>Passkeys in a real browser, with a device inside it.</summary>
public sealed class PasskeyJourney(Stage stage)
{
    [Fact]
    public async Task Alice_adds_a_passkey_and_signs_in_with_it_after_her_password_and_alone_until_she_removes_it()
    {
        await using var portal = await OpenAsync();
        await using var alice = await Visitor.ArriveAsync(stage, portal);
        var page = alice.Page;
        var device = await VirtualAuthenticator.AttachAsync(page);

        await alice.TypePasswordAsync("alice@acme.example");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Overview" }).WaitForAsync();
        await page.GotoAsync("/account/passkeys/new");
        await page.GetByLabel("Name").FillAsync("Work laptop");
        await device.TouchAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "I have stored them" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Your account" }).WaitForAsync();
        (await device.CountAsync()).ShouldBe(1);

        await SignOutAsync(alice, device);
        await alice.TypePasswordAsync("alice@acme.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use a passkey" }).WaitForAsync();
        await device.TouchAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Use a passkey" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Overview" }).WaitForAsync();

        await SignOutAsync(alice, device);
        await device.TouchAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Overview" }).WaitForAsync();

        await alice.LiveAsync();
        var passkeys = portal.Portal.Get<Passkeys>();
        var actor = portal.Cast.Alice with { SessionId = (await portal.Portal.SessionAsync(portal.Cast.Alice)).SessionId };
        var removed = await passkeys.RemoveAsync(actor, (await passkeys.ListAsync(actor)).Value.Single().Id);
        removed.Refusal.ShouldBeNull();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" }).WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await page.GetByText("This passkey was not accepted").WaitForAsync();
        alice.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_browser_offers_the_passkey_at_the_email_field()
    {
        await using var portal = await OpenAsync();
        await using var alice = await Visitor.ArriveAsync(stage, portal);
        var device = await VirtualAuthenticator.AttachAsync(alice.Page, offers: true);
        await alice.SignInAsync(portal.Cast.Alice);
        await alice.Page.GotoAsync("/account/passkeys/new");
        await alice.Page.GetByLabel("Name").FillAsync("Work laptop");
        await device.TouchAsync();
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await alice.Page.GetByRole(AriaRole.Link, new() { Name = "I have stored them" }).ClickAsync();
        await alice.LiveAsync();

        // The device answers at once whatever it is asked, which stands for choosing the passkey in the field's list.
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();

        await alice.Page.GetByRole(AriaRole.Heading, new() { Name = "Overview" }).WaitForAsync();
        alice.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task Somebody_who_has_no_passkey_here_is_told_so()
    {
        await using var portal = await OpenAsync();
        await using var visitor = await Visitor.ArriveAsync(stage, portal);
        var device = await VirtualAuthenticator.AttachAsync(visitor.Page);
        await visitor.Page.GotoAsync("/sign-in");
        await device.TouchAsync();

        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();

        await visitor.Page.GetByText("No passkey was used.").WaitForAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey", Disabled = false }).WaitForAsync();
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Its_pages_are_usable(int width)
    {
        await using var portal = await OpenAsync();
        await using var alice = await Visitor.ArriveAsync(stage, portal, width);
        var page = alice.Page;
        var device = await VirtualAuthenticator.AttachAsync(page);

        await page.GotoAsync("/sign-in");
        await device.TouchAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await page.GetByText("No passkey was used.").WaitForAsync();
        await page.LookAsync("passkey-sign-in-refused");
        await alice.SignInAsync(portal.Cast.Alice);
        await page.GotoAsync("/account/passkeys/new");
        await page.LookAsync("passkey-new");
        await page.GetByLabel("Name").FillAsync("Work laptop");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "I have stored them" }).WaitForAsync();
        await page.LookAsync("passkey-codes");
        await device.TouchAsync(false);
        await alice.TypePasswordAsync("alice@acme.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use a passkey" }).WaitForAsync();
        await page.LookAsync("passkey-second-step");
    }

    /// <summary>Alice has no second factor yet.</summary>
    private static async Task<LivePortal> OpenAsync()
    {
        var portal = await Stage.OpenAsync();
        await using var db = portal.Portal.OpenDb();
        await db.Set<SecondFactor>().Where(f => f.UserId == portal.Cast.Alice.MemberId).ExecuteDeleteAsync();
        return portal;
    }

    private static async Task SignOutAsync(Visitor visitor, VirtualAuthenticator device)
    {
        await device.TouchAsync(false);
        await visitor.LiveAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" }).WaitForAsync();
    }
}
