using Bunit;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Keys.Pages;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;

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
        await using var page = await _portal.PageOfAsync(_cast.Audrey);

        var dialog = page.Render<RevokeKeyDialog>(p => p.Add(d => d.Key, key).AddCascadingValue(page.Viewer()));
        await dialog.Find("button.danger-solid").ClickAsync(new());

        dialog.WaitForAssertion(() => page.Announced().ShouldHaveSingleItem().ShouldContain("do not allow"));
        (await StatusAsync(key)).ShouldBe(KeyStatus.Active);
        var log = await _portal.Get<AuditReader>().ListAsync(_cast.Alice, new AuditFilter { TargetId = key.Id, ActorId = _cast.Audrey.Id }, 5, null);
        log.Value.Items.ShouldHaveSingleItem().Action.ShouldBe("permission.refused");
    }

    [Fact]
    public async Task An_auditor_who_presses_disable_changes_nothing()
    {
        var key = (await _portal.KeyAsync(_cast.Alice)).Key;
        await using var page = await _portal.PageOfAsync(_cast.Audrey);

        var dialog = page.Render<DisableKeyDialog>(p => p.Add(d => d.Key, key).AddCascadingValue(page.Viewer()));
        await dialog.Find("button.primary").ClickAsync(new());

        dialog.WaitForAssertion(() => page.Announced().ShouldHaveSingleItem());
        (await StatusAsync(key)).ShouldBe(KeyStatus.Active);
    }

    [Fact]
    public async Task An_auditor_who_saves_an_edit_changes_nothing_and_is_told()
    {
        var key = (await _portal.KeyAsync(_cast.Alice, "As it was")).Key;
        await using var page = await _portal.PageOfAsync(_cast.Audrey);

        var dialog = page.Render<EditKeyDialog>(p => p.Add(d => d.Key, key).AddCascadingValue(page.Viewer()));
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
        await using var page = await _portal.PageOfAsync(_cast.Alice);

        var dialog = page.Render<EditKeyDialog>(p => p.Add(d => d.Key, key).AddCascadingValue(page.Viewer()));
        await dialog.WaitForElement("#key-name").InputAsync(new() { Value = "Renamed" });
        await dialog.Find("button.primary").ClickAsync(new());

        var edited = (await _portal.Get<KeyQueries>().FindAsync(_cast.Alice, key.Id)).Value;
        (edited.Name, edited.ExpiresAt, edited.NotBefore).ShouldBe(("Renamed", end, key.NotBefore));
    }

    private async Task<KeyStatus> StatusAsync(KeyView key) => (await _portal.Get<KeyQueries>().FindAsync(_cast.Alice, key.Id)).Value.Status;
}
