using Bunit;
using KeyPortal.Access;
using KeyPortal.Audit;
using KeyPortal.Components;
using KeyPortal.Keys;
using KeyPortal.Keys.Pages;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;
using KeyPortal.Validation;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Radzen;

namespace KeyPortal.Tests.Keys.Pages;

/// <summary>A circuit's events can be forged: a dialog that a role never gets to see still changes nothing for it.</summary>
public sealed class ForgedActTests : IClassFixture<SharedPortal>
{
    private readonly Portal _portal;
    private readonly Cast _cast;

    public ForgedActTests(SharedPortal shared) => (_portal, _cast) = (shared.Portal, shared.Cast);

    [Fact]
    public async Task An_auditor_who_presses_revoke_changes_nothing()
    {
        var key = (await _portal.KeyAsync(_cast.Alice)).Key;
        await using var page = await PageOfAsync(_cast.Audrey);

        var dialog = page.Render<RevokeKeyDialog>(p => p.Add(d => d.Key, key).AddCascadingValue(page.Services.GetRequiredService<ViewerTime>()));
        await dialog.Find("button.danger-solid").ClickAsync(new());

        dialog.WaitForAssertion(() => page.Services.GetRequiredService<NotificationService>().Messages.ShouldHaveSingleItem().Summary.ShouldContain("do not allow"));
        (await StatusAsync(key)).ShouldBe(KeyStatus.Active);
        var log = await _portal.Get<AuditReader>().ListAsync(_cast.Alice, new AuditFilter { TargetId = key.Id, ActorId = _cast.Audrey.Id }, 5, null);
        log.Value.Items.ShouldHaveSingleItem().Action.ShouldBe("permission.refused");
    }

    [Fact]
    public async Task An_auditor_who_presses_disable_changes_nothing()
    {
        var key = (await _portal.KeyAsync(_cast.Alice)).Key;
        await using var page = await PageOfAsync(_cast.Audrey);

        var dialog = page.Render<DisableKeyDialog>(p => p.Add(d => d.Key, key).AddCascadingValue(page.Services.GetRequiredService<ViewerTime>()));
        await dialog.Find("button.primary").ClickAsync(new());

        dialog.WaitForAssertion(() => page.Services.GetRequiredService<NotificationService>().Messages.ShouldHaveSingleItem());
        (await StatusAsync(key)).ShouldBe(KeyStatus.Active);
    }

    [Fact]
    public async Task An_auditor_who_saves_an_edit_changes_nothing_and_is_told()
    {
        var key = (await _portal.KeyAsync(_cast.Alice, "As it was")).Key;
        await using var page = await PageOfAsync(_cast.Audrey);

        var dialog = page.Render<EditKeyDialog>(p => p.Add(d => d.Key, key).AddCascadingValue(page.Services.GetRequiredService<ViewerTime>()));
        await dialog.WaitForElement("#key-name").InputAsync(new() { Value = "Another" });
        await dialog.Find("button.primary").ClickAsync(new());

        dialog.WaitForElement(".notice.bad").TextContent.ShouldContain("do not allow");
        (await _portal.Get<KeyQueries>().FindAsync(_cast.Alice, key.Id)).Value.Name.ShouldBe("As it was");
    }

    [Fact]
    public async Task An_edit_that_touches_nothing_keeps_every_instant_to_the_millisecond()
    {
        var end = TestClock.Start.AddDays(40).AddMilliseconds(123);
        var key = (await _portal.KeyAsync(_cast.Alice, with: i => i with { Expiry = ExpiryInput.On(end), NotBefore = TestClock.Start.AddDays(1).AddSeconds(7) })).Key;
        await using var page = await PageOfAsync(_cast.Alice);

        var dialog = page.Render<EditKeyDialog>(p => p.Add(d => d.Key, key).AddCascadingValue(page.Services.GetRequiredService<ViewerTime>()));
        await dialog.WaitForElement("#key-name").InputAsync(new() { Value = "Renamed" });
        await dialog.Find("button.primary").ClickAsync(new());

        var edited = (await _portal.Get<KeyQueries>().FindAsync(_cast.Alice, key.Id)).Value;
        (edited.Name, edited.ExpiresAt, edited.NotBefore).ShouldBe(("Renamed", end, key.NotBefore));
    }

    private async Task<KeyStatus> StatusAsync(KeyView key) => (await _portal.Get<KeyQueries>().FindAsync(_cast.Alice, key.Id)).Value.Status;

    /// <summary>A page of the portal before <paramref name="person"/>, with the portal's own commands behind it.</summary>
    private async Task<BunitContext> PageOfAsync(Actor person)
    {
        var page = new BunitContext();
        page.JSInterop.Mode = JSRuntimeMode.Loose;
        var services = page.Services;
        services.AddSingleton<TimeProvider>(_portal.Clock);
        services.AddSingleton(_portal.Get<Membership>()).AddSingleton(_portal.Get<ScopeCatalogue>()).AddSingleton(_portal.Get<KeyQueries>()).AddSingleton(_portal.Get<UsageQueries>());
        services.AddSingleton(_portal.Get<KeyRevocation>()).AddSingleton(_portal.Get<KeySuspension>()).AddSingleton(_portal.Get<KeyEditing>()).AddSingleton(_portal.Get<SecondFactorList>()).AddSingleton(_portal.Get<ChangePreview>());
        services.AddSingleton<AuthenticationStateProvider>(await SignedIn.AsAsync(_portal, person)).AddSingleton(_portal.Get<Sessions>());
        services.AddScoped<CurrentMember>().AddScoped<PageActs>().AddScoped<ViewerTime>().AddScoped<DialogService>().AddScoped<NotificationService>();
        return page;
    }
}
