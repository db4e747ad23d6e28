using Bunit;
using KeyPortal.Access;
using KeyPortal.Access.Members;
using KeyPortal.Audit;
using KeyPortal.Components;
using KeyPortal.Keys;
using KeyPortal.Offboarding;
using KeyPortal.Offboarding.Pages;
using KeyPortal.Organizations;
using KeyPortal.Organizations.Pages;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Radzen;

namespace KeyPortal.Tests.Organizations.Pages;

/// <summary>A circuit's events can be forged: a dialog about members that a role never gets to see still changes nothing for it.</summary>
public sealed class ForgedMemberActTests : IClassFixture<SharedPortal>
{
    private readonly Portal _portal;
    private readonly Cast _cast;

    public ForgedMemberActTests(SharedPortal shared) => (_portal, _cast) = (shared.Portal, shared.Cast);

    [Fact]
    public async Task An_auditor_who_presses_invite_invites_nobody()
    {
        await using var page = await PageOfAsync(_cast.Audrey);
        var dialog = page.Render<InviteDialog>();

        await dialog.Find("#invite-email").ChangeAsync(new ChangeEventArgs { Value = "friend@evil.example" });
        await dialog.Find("button.primary").ClickAsync(new());

        dialog.WaitForElement(".notice.bad").TextContent.ShouldContain("does not allow");
        (await _portal.Get<MemberQueries>().InvitationsAsync(_cast.Alice)).Value.ShouldBeEmpty();
        await RefusalIsRecordedAsync(_cast.AcmeId);
    }

    [Fact]
    public async Task An_auditor_who_presses_change_the_role_changes_none()
    {
        var dora = await DetailsAsync(_cast.Dora);
        await using var page = await PageOfAsync(_cast.Audrey);
        var dialog = page.Render<RoleDialog>(p => p.Add(d => d.Member, dora));

        await dialog.FindAll("input[type=radio]")[0].ChangeAsync(new ChangeEventArgs { Value = "on" });
        await dialog.Find("button.primary").ClickAsync(new());

        dialog.WaitForAssertion(() => Said(page).ShouldContain("does not allow"));
        (await DetailsAsync(_cast.Dora)).Role.ShouldBe(Role.Developer);
        await RefusalIsRecordedAsync(_cast.Dora.Id);
    }

    [Fact]
    public async Task An_auditor_who_presses_disable_disables_nobody()
    {
        var dan = await DetailsAsync(_cast.Dan);
        await using var page = await PageOfAsync(_cast.Audrey);
        var dialog = page.Render<DisableMemberDialog>(p => p.Add(d => d.Member, dan));

        await dialog.Find("button.primary").ClickAsync(new());

        dialog.WaitForAssertion(() => Said(page).ShouldContain("does not allow"));
        (await DetailsAsync(_cast.Dan)).State.ShouldBe(MemberState.Active);
        await RefusalIsRecordedAsync(_cast.Dan.Id);
    }

    [Fact]
    public async Task An_auditor_sees_no_keys_in_the_removal_dialog_and_removes_nobody()
    {
        var andy = await DetailsAsync(_cast.Andy);
        await _portal.KeyAsync(_cast.Andy, "Andy's key");
        await using var page = await PageOfAsync(_cast.Audrey);
        var dialog = page.Render<RemoveMemberDialog>(p => p.Add(d => d.Member, andy).AddCascadingValue(page.Services.GetRequiredService<ViewerTime>()));

        dialog.Markup.ShouldNotContain("Andy's key");
        await dialog.Find("button.danger-solid").ClickAsync(new());

        (await DetailsAsync(_cast.Andy)).State.ShouldBe(MemberState.Active);
    }

    [Fact]
    public async Task An_admin_whose_role_fell_while_the_removal_dialog_was_open_removes_nobody()
    {
        var dan = await DetailsAsync(_cast.Dan);
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        await using var page = await PageOfAsync(portal, cast.Andy);
        var dialog = page.Render<RemoveMemberDialog>(p => p.Add(d => d.Member, dan with { UserId = cast.Dan.Id }).AddCascadingValue(page.Services.GetRequiredService<ViewerTime>()));
        await dialog.WaitForElement("#remove-name").InputAsync(new ChangeEventArgs { Value = "Dan" });
        await portal.Get<MemberRoles>().ChangeAsync(cast.Alice, cast.Andy.Id, Role.Auditor);

        await dialog.Find("button.danger-solid").ClickAsync(new());

        dialog.WaitForElement(".notice.bad").TextContent.ShouldContain("does not allow");
        (await portal.MemberRowAsync(cast.AcmeId, cast.Dan.Id)).State.ShouldBe(MemberState.Active);
        (await portal.EntriesAsync(cast.Dan.Id)).ShouldHaveSingleItem().Action.ShouldBe("permission.refused");
    }

    [Fact]
    public async Task An_admin_finds_no_settings_of_the_organization_to_press()
    {
        await using var page = await PageOfAsync(_cast.Andy);

        var settings = page.Render<OrganizationPage>();

        settings.WaitForAssertion(() => settings.Markup.ShouldContain("These settings are not for your role"));
        settings.FindAll("input, .stack button").ShouldBeEmpty();
    }

    private static string Said(BunitContext page) => page.Services.GetRequiredService<NotificationService>().Messages.ShouldHaveSingleItem().Summary;

    private async Task<MemberDetails> DetailsAsync(Actor person) =>
        (await _portal.Get<MemberQueries>().ListAsync(_cast.Alice, new MemberFilter(), 50, null)).Value.Items.Single(m => m.UserId == person.Id);

    private async Task RefusalIsRecordedAsync(string targetId)
    {
        var log = await _portal.Get<AuditReader>().ListAsync(_cast.Alice, new AuditFilter { TargetId = targetId, ActorId = _cast.Audrey.Id }, 5, null);
        log.Value.Items.ShouldHaveSingleItem().Action.ShouldBe("permission.refused");
    }

    private Task<BunitContext> PageOfAsync(Actor person) => PageOfAsync(_portal, person);

    /// <summary>A page of the portal before <paramref name="person"/>, with the portal's own commands behind it.</summary>
    private static async Task<BunitContext> PageOfAsync(Portal portal, Actor person)
    {
        var page = new BunitContext();
        page.JSInterop.Mode = JSRuntimeMode.Loose;
        var services = page.Services;
        services.AddSingleton<TimeProvider>(portal.Clock);
        services.AddSingleton(portal.Get<Membership>()).AddSingleton(portal.Get<MemberQueries>()).AddSingleton(portal.Get<OrganizationChange>()).AddSingleton(portal.Get<PublicAddress>());
        services.AddSingleton(portal.Get<MemberInvitations>()).AddSingleton(portal.Get<MemberRoles>()).AddSingleton(portal.Get<MemberSuspension>());
        services.AddSingleton(portal.Get<MemberRemoval>()).AddSingleton(portal.Get<DepartureQueries>());
        services.AddSingleton<AuthenticationStateProvider>(await SignedIn.AsAsync(portal, person)).AddSingleton(portal.Get<Sessions>());
        services.AddScoped<CurrentMember>().AddScoped<PageActs>().AddScoped<ViewerTime>().AddScoped<DialogService>().AddScoped<NotificationService>();
        return page;
    }
}
