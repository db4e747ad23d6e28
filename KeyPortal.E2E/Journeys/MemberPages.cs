using KeyPortal.Access.Members;
using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.Playwright;

namespace KeyPortal.E2E.Journeys;

/// <summary>The pages about members, wide and narrow, light and dark, with names as long and as foreign as they come.</summary>
public sealed class MemberPages(Stage stage)
{
    private const string LongName = "Wolfeschlegelsteinhausenbergerdorff-Montgomery Featherstone W";
    private const string RightToLeft = "شركة المدفوعات العالمية المحدودة للتجارة الإلكترونية";

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Are_usable(int width)
    {
        await using var portal = await Stage.OpenAsync();
        await using var alice = await Visitor.ArriveAsync(stage, portal, width);
        var (page, cast) = (alice.Page, portal.Cast);
        await FillAsync(portal);
        await alice.SignInAsync(cast.Alice);
        await alice.OpenAsync("/members");
        await page.GetByText("guest@partner.example").WaitForAsync();
        await page.LookAsync("members");
        await page.GetByRole(AriaRole.Button, new() { Name = "Invite", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("E-mail address").FillAsync("nobody");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Invite", Exact = true }).ClickAsync();
        await page.GetByText("An e-mail address has a name").WaitForAsync();
        await page.LookAsync("members-invite");
        await page.GetByRole(AriaRole.Dialog).GetByLabel("E-mail address").FillAsync("somebody@acme.example");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Invite", Exact = true }).ClickAsync();
        await page.Locator("#invitation-link").WaitForAsync();
        await page.LookAsync("members-invite-link");
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        var row = page.Locator(".members tbody tr").Filter(new() { HasText = LongName });
        await row.GetByRole(AriaRole.Button).ClickAsync();
        await page.LookAsync("members-menu");
        await row.GetByRole(AriaRole.Menuitem, new() { Name = "Remove…" }).ClickAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "Transfer them" }).CheckAsync();
        await page.GetByLabel("New owner").SelectOptionAsync(new SelectOptionValue { Value = cast.Dan.Id });
        await page.LookAsync("members-remove");
        await page.Keyboard.PressAsync("Escape");
        await alice.OpenAsync("/members?role=auditor&factor=none&q=zzz");
        await page.GetByText("No member matches").WaitForAsync();
        await page.LookAsync("members-empty");
        await portal.Portal.WithoutSecondFactorAsync(cast.Alice);
        await alice.OpenAsync("/organization");
        await page.GetByRole(AriaRole.Button, new() { Name = "Require a second factor" }).ClickAsync();
        await page.GetByText("Set up a second factor for yourself first").WaitForAsync();
        await page.LookAsync("organization");
        if (width < 900)
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Open the menu" }).ClickAsync();
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Change the organization" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Found another organization" }).WaitForAsync();
        await page.LookAsync("switcher");
        await page.GotoAsync("/found-organization");
        await page.LookAsync("found-organization");
        await page.GotoAsync("/invitation");
        await page.LookAsync("invitation-open");
        await page.GotoAsync("/invitation#" + KeyPortal.Access.SecretToken.New().Expose());
        await page.GetByText("not good any more").WaitForAsync();
        await page.LookAsync("invitation-over");
        var token = await portal.Portal.InvitedAsync(cast.Alice, "guest@partner.example", Role.Admin);
        await page.GotoAsync($"/invitation#{token}");
        await page.GetByText("You are signed in with another address").WaitForAsync();
        await page.LookAsync("invitation-other");
        await page.Context.ClearCookiesAsync();
        await page.GotoAsync("/sign-in");
        await page.GotoAsync($"/invitation#{token}");
        await page.GetByLabel("Your name").WaitForAsync();
        await page.LookAsync("invitation-new");
    }

    private static async Task FillAsync(LivePortal live)
    {
        var (portal, cast) = (live.Portal, live.Cast);
        await portal.Get<MemberNaming>().RenameSelfAsync(cast.Dora, LongName);
        await portal.Get<MemberNaming>().RenameSelfAsync(cast.Dan, RightToLeft);
        await portal.Get<MemberSuspension>().DisableAsync(cast.Alice, cast.Audrey.Id);
        await portal.Get<OrganizationChange>().RenameAsync(cast.Alice, RightToLeft);
        await portal.Get<Setup.Founding>().FoundAsync(cast.Alice, LongName);
        await portal.InvitedAsync(cast.Alice, "guest@partner.example", Role.Admin);
        await portal.InvitedAsync(cast.Alice, "a.very.long.address.of.somebody.who.has.many.names@department.of.a.long.company.example");
        for (var i = 0; i < 6; i++)
        {
            await portal.KeyAsync(cast.Dora, i == 0 ? LongName : $"Key {i}", environment: i % 2 == 0 ? KeyEnvironment.Live : KeyEnvironment.Test);
        }
    }
}
