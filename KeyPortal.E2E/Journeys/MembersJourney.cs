using KeyPortal.Access.Members;
using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.Playwright;

namespace KeyPortal.E2E.Journeys;

public sealed class MembersJourney(Stage stage)
{
    [Fact]
    public async Task Nora_is_invited_joins_changes_role_is_shut_out_and_removed_and_her_key_goes_on()
    {
        await using var portal = await Stage.OpenAsync();
        await using var alice = await Visitor.ArriveAsync(stage, portal);
        await using var nora = await Visitor.ArriveAsync(stage, portal);
        await alice.SignInAsync(portal.Cast.Alice);

        var link = await InviteAsync(alice, "nora@acme.example", "Developer");
        await nora.Page.GotoAsync(link);
        await nora.Page.GetByLabel("Your name").FillAsync("Nora Nowak");
        await nora.Page.GetByLabel("A new password").FillAsync("seven quiet herons at dawn");
        await nora.Page.GetByRole(AriaRole.Button, new() { Name = "Join as a developer" }).ClickAsync();
        await nora.Page.GetByRole(AriaRole.Heading, new() { Name = "Overview" }).WaitForAsync();
        await nora.LiveAsync();
        await Assertions.Expect(nora.Page.GetByRole(AriaRole.Link, new() { Name = "Members" })).ToHaveCountAsync(0);

        // The link is used up.
        var second = await nora.NewTabAsync();
        await second.GotoAsync(link);
        await second.GetByRole(AriaRole.Heading, new() { Name = "This link does not open" }).WaitForAsync();
        await second.CloseAsync();

        var row = await MemberAsync(alice, "Nora Nowak");
        await ActAsync(row, "Change the role…");
        await alice.Page.GetByRole(AriaRole.Radio, new() { Name = "Admin" }).CheckAsync();
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Change the role" }).ClickAsync();
        await Assertions.Expect(row.Locator(".badge")).ToHaveTextAsync("Admin");
        // Her open page has heard of it.
        await nora.Page.GetByRole(AriaRole.Link, new() { Name = "Members" }).WaitForAsync();

        await using (var db = portal.Portal.OpenDb())
        {
            var id = db.Set<Organizations.Member>().Single(m => m.Name == "Nora Nowak").UserId;
            var actor = portal.Cast.Andy with { Id = id, MemberId = id, Name = "Nora Nowak" };
            await portal.Portal.KeyAsync(actor, "Nora's checkout");
        }

        await ActAsync(row, "Disable…");
        await alice.Page.GetByRole(AriaRole.Button, new() { Name = "Disable the member" }).ClickAsync();
        await nora.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" }).WaitForAsync(new() { Timeout = 5000 });
        await Assertions.Expect(row).ToContainTextAsync("Disabled");

        await ActAsync(row, "Remove…");
        await alice.Page.GetByText("Nora's checkout").WaitForAsync();
        var remove = alice.Page.GetByRole(AriaRole.Button, new() { Name = "Remove the member" });
        await alice.Page.GetByLabel("Type the person's name to confirm").FillAsync("Nora Nowak");
        await Assertions.Expect(remove).ToBeDisabledAsync();
        await alice.Page.GetByRole(AriaRole.Radio, new() { Name = "Transfer them" }).CheckAsync();
        await alice.Page.GetByLabel("New owner").SelectOptionAsync(new SelectOptionValue { Value = portal.Cast.Dora.Id });
        await remove.ClickAsync();
        await Assertions.Expect(row).ToHaveCountAsync(0);

        var keys = (await portal.Portal.Get<KeyQueries>().ListAsync(portal.Cast.Dora, new KeyFilter(), 10, null)).Value;
        keys.Items.ShouldHaveSingleItem().Name.ShouldBe("Nora's checkout");
        alice.Errors.ShouldBeEmpty();
        nora.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task Olaf_accepts_with_his_account_and_goes_to_and_fro_and_finds_the_way_when_removed()
    {
        await using var portal = await Stage.OpenAsync();
        await using var olaf = await Visitor.ArriveAsync(stage, portal);
        var token = await portal.Portal.InvitedAsync(portal.Cast.Alice, "olaf@umbra.example", Role.Admin);

        await olaf.Page.GotoAsync($"/invitation#{token}");
        await olaf.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
        await olaf.Page.GetByLabel("E-mail address").FillAsync("olaf@umbra.example");
        await olaf.Page.GetByLabel("Password").FillAsync(Cast.Password);
        await olaf.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await olaf.TypeCodeAsync();
        await olaf.Page.GetByRole(AriaRole.Button, new() { Name = "Join Acme Payments as an admin" }).ClickAsync();
        await InAsync(olaf, "Acme Payments");

        await SwitchAsync(olaf, "Umbra");
        await InAsync(olaf, "Umbra");
        await SwitchAsync(olaf, "Acme Payments");
        await InAsync(olaf, "Acme Payments");

        // Found another, and be in it.
        await olaf.Page.GetByRole(AriaRole.Button, new() { Name = "Change the organization" }).ClickAsync();
        await olaf.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Found another organization" }).ClickAsync();
        await olaf.Page.GetByLabel("Organization").FillAsync("Olaf's garden");
        await olaf.Page.GetByRole(AriaRole.Button, new() { Name = "Found it" }).ClickAsync();
        await InAsync(olaf, "Olaf's garden");

        await SwitchAsync(olaf, "Acme Payments");
        await InAsync(olaf, "Acme Payments");
        (await portal.Portal.Get<MemberSuspension>().DisableAsync(portal.Cast.Alice, portal.Cast.Olaf.Id)).Refusal.ShouldBeNull();
        await olaf.Page.GetByRole(AriaRole.Button, new() { Name = "Go to Umbra" }).ClickAsync();
        await InAsync(olaf, "Umbra");
        olaf.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_invitation_for_another_address_says_so_and_leads_back_after_signing_out()
    {
        await using var portal = await Stage.OpenAsync();
        await using var dora = await Visitor.ArriveAsync(stage, portal);
        var token = await portal.Portal.InvitedAsync(portal.Cast.Alice, "olaf@umbra.example");
        await dora.SignInAsync(portal.Cast.Dora);

        await dora.Page.GotoAsync($"/invitation#{token}");
        await dora.Page.GetByText("You are signed in with another address.").WaitForAsync();
        await dora.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await dora.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" }).WaitForAsync();

        dora.Page.Url.ShouldEndWith("/sign-in?return=%2Finvitation");
    }

    private static async Task<string> InviteAsync(Visitor inviter, string email, string role)
    {
        await inviter.OpenAsync("/members");
        await inviter.Page.GetByRole(AriaRole.Button, new() { Name = "Invite", Exact = true }).ClickAsync();
        var dialog = inviter.Page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("E-mail address").FillAsync(email);
        await dialog.GetByRole(AriaRole.Radio, new() { Name = role }).CheckAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Invite", Exact = true }).ClickAsync();
        var link = await dialog.Locator("#invitation-link").TextContentAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await inviter.Page.Locator(".invitations").GetByText(email).WaitForAsync();
        return link!;
    }

    private static async Task<ILocator> MemberAsync(Visitor visitor, string name)
    {
        await visitor.OpenAsync("/members");
        var row = visitor.Page.Locator(".members tbody tr").Filter(new() { HasText = name });
        await row.WaitForAsync();
        return row;
    }

    private static async Task ActAsync(ILocator row, string act)
    {
        await row.GetByRole(AriaRole.Button).ClickAsync();
        await row.GetByRole(AriaRole.Menuitem, new() { Name = act }).ClickAsync();
    }

    private static async Task SwitchAsync(Visitor visitor, string organization)
    {
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Change the organization" }).ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Menuitem, new() { Name = organization }).ClickAsync();
    }

    private static async Task InAsync(Visitor visitor, string organization)
    {
        await visitor.Page.Locator(".switcher .menu-face .organization-name", new() { HasText = organization }).WaitForAsync();
        await visitor.LiveAsync();
    }
}
