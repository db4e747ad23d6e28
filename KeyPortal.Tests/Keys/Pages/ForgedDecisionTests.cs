using Bunit;
using KeyPortal.Keys;
using KeyPortal.Keys.Pages.Policies;
using KeyPortal.Keys.Policies;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Keys.Pages;

/// <summary>A circuit's events can be forged: whoever never gets to see these dialogs still changes nothing with them.</summary>
public sealed class ForgedDecisionTests : IClassFixture<SharedPortal>
{
    private readonly Portal _portal;
    private readonly Cast _cast;

    public ForgedDecisionTests(SharedPortal shared) => (_portal, _cast) = (shared.Portal, shared.Cast);

    [Fact]
    public async Task A_requester_who_presses_approve_changes_nothing_and_is_told()
    {
        var key = (await _portal.PendingKeyAsync(_cast, _cast.Alice)).Key;
        await using var page = await _portal.PageOfAsync(_cast.Alice);

        var dialog = page.Render<ApproveKeyDialog>(p => p.Add(d => d.Key, key).AddCascadingValue(page.Viewer()));
        await dialog.Find("button.primary").ClickAsync(new());

        dialog.WaitForElement(".notice.bad").TextContent.ShouldContain("a second person has to decide");
        (await _portal.Get<KeyQueries>().FindAsync(_cast.Alice, key.Id)).Value.Status.ShouldBe(KeyStatus.Pending);
    }

    [Fact]
    public async Task A_developer_who_presses_remove_leaves_the_catalogue_as_it_is()
    {
        var scope = (await _portal.Get<CatalogueEditing>().ReadAsync(_cast.Dora)).Value.Single(s => s.Name == "events:read");
        await using var page = await _portal.PageOfAsync(_cast.Dora);

        var dialog = page.Render<RemoveScopeDialog>(p => p.Add(d => d.Scope, scope));
        await dialog.Find("button.danger-solid").ClickAsync(new());

        dialog.WaitForElement(".notice.bad").TextContent.ShouldContain("Only an owner or an admin");
        (await _portal.Get<CatalogueEditing>().ReadAsync(_cast.Dora)).Value.ShouldContain(s => s.Name == "events:read");
    }

    [Fact]
    public async Task A_scopes_words_are_edited_and_the_rest_of_the_catalogue_stays()
    {
        var before = (await _portal.Get<CatalogueEditing>().ReadAsync(_cast.Alice)).Value;
        await using var page = await _portal.PageOfAsync(_cast.Alice);

        var dialog = page.Render<ScopeDialog>(p => p.Add(d => d.Scope, before.Single(s => s.Name == "usage:read")));
        await dialog.Find("#scope-description").ChangeAsync(new() { Value = " Read usage " });
        await dialog.Find("form").SubmitAsync();

        var after = (await _portal.Get<CatalogueEditing>().ReadAsync(_cast.Alice)).Value;
        after.Single(s => s.Name == "usage:read").ShouldSatisfyAllConditions(s => s.Description.ShouldBe("Read usage"), s => s.ReadOnly.ShouldBeTrue());
        after.Select(s => s.Name).ShouldBe(before.Select(s => s.Name));
    }
}
