using Bunit;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Keys.Bulk;
using KeyPortal.Keys.Pages.Bulk;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Keys.Pages.Bulk;

/// <summary>The dialogs for many keys: what is confirmed is what was shown, and a forged event is confirmed by nobody.</summary>
public sealed class BulkDialogTests : IAsyncLifetime
{
    private readonly Portal _portal = new(("KeyPortal:Policy:KeysPerMember", "1000"));
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Revoking_waits_for_the_number_of_keys()
    {
        var keys = await KeysAsync(2);
        await using var page = await _portal.PageOfAsync(_cast.Alice);
        var dialog = Show<BulkRevokeDialog>(page, BulkSelection.Of(keys));

        await dialog.WaitForElement("#bulk-count").InputAsync(new() { Value = "3" });
        dialog.Find("button.danger-solid").HasAttribute("disabled").ShouldBeTrue();
        await dialog.Find("button.danger-solid").ClickAsync(new());
        (await StatusesAsync(keys)).ShouldAllBe(s => s == KeyStatus.Active);
        await dialog.Find("#bulk-count").InputAsync(new() { Value = "2" });
        await dialog.Find("#revoke-reason").ChangeAsync(new() { Value = "Superseded" });
        await dialog.Find("button.danger-solid").ClickAsync(new());

        dialog.WaitForAssertion(() => page.Announced().ShouldHaveSingleItem().ShouldBe("2 keys are revoked. Calls with them are refused for good."));
        (await StatusesAsync(keys)).ShouldAllBe(s => s == KeyStatus.Revoked);
        var log = await _portal.Get<AuditReader>().ListAsync(_cast.Alice, new AuditFilter { TargetId = keys[0], Action = "key.revoked" }, 5, null);
        log.Value.Items.ShouldHaveSingleItem().Raw.ShouldContain("superseded");
    }

    [Fact]
    public async Task A_number_that_has_changed_meanwhile_is_told_and_asked_again()
    {
        var keys = await KeysAsync(2);
        await using var page = await _portal.PageOfAsync(_cast.Alice);
        var dialog = Show<BulkRevokeDialog>(page, BulkSelection.Of(new KeyFilter { Search = "Batch" }));
        await dialog.WaitForElement("#bulk-count").InputAsync(new() { Value = "2" });
        keys = [.. keys, .. await KeysAsync(1)];

        await dialog.Find("button.danger-solid").ClickAsync(new());

        dialog.WaitForElement(".notice.warning").TextContent.ShouldContain("it was 2 keys, and it is 3 now. Nothing was done.");
        (await StatusesAsync(keys)).ShouldAllBe(s => s == KeyStatus.Active);
        dialog.Find("#bulk-count").GetAttribute("value").ShouldBe("");
        await dialog.Find("#bulk-count").InputAsync(new() { Value = "3" });
        await dialog.Find("button.danger-solid").ClickAsync(new());
        dialog.WaitForAssertion(() => page.Announced().ShouldHaveSingleItem());
        (await StatusesAsync(keys)).ShouldAllBe(s => s == KeyStatus.Revoked);
    }

    [Fact]
    public async Task An_auditor_gets_no_preview_and_nothing_to_press()
    {
        var keys = await KeysAsync(1);
        await using var page = await _portal.PageOfAsync(_cast.Audrey);

        var dialog = Show<BulkDisableDialog>(page, BulkSelection.Of(keys));
        dialog.WaitForElement(".notice.bad").TextContent.ShouldContain("do not allow");
        await dialog.Find("button.primary").ClickAsync(new());

        (await StatusesAsync(keys)).ShouldAllBe(s => s == KeyStatus.Active);
    }

    [Fact]
    public async Task Tags_are_put_on_every_key_and_a_broken_one_is_told()
    {
        var keys = await KeysAsync(2);
        await using var page = await _portal.PageOfAsync(_cast.Alice);
        var dialog = Show<BulkTagDialog>(page, BulkSelection.Of(keys));
        dialog.WaitForElement("#bulk-add-tags");
        dialog.Find("button.primary").HasAttribute("disabled").ShouldBeTrue();

        await dialog.Find("#bulk-add-tags").InputAsync(new() { Value = new string('x', 200) });
        await dialog.Find("button.primary").ClickAsync(new());
        dialog.WaitForElement(".notice.bad").TextContent.ShouldContain("Tag");
        await dialog.Find("#bulk-add-tags").InputAsync(new() { Value = "billing, nightly" });
        await dialog.Find("button.primary").ClickAsync(new());

        dialog.WaitForAssertion(() => page.Announced().ShouldHaveSingleItem());
        (await _portal.Get<KeyQueries>().FindManyAsync(_cast.Alice, keys)).ShouldAllBe(k => k.Tags.SequenceEqual(new[] { "billing", "nightly" }));
    }

    [Fact]
    public async Task Rotated_keys_come_with_their_secrets_and_the_others_with_a_reason()
    {
        var keys = await KeysAsync(2);
        var gone = (await _portal.KeyAsync(_cast.Alice, "Gone")).Key;
        await _portal.Get<KeyRevocation>().RevokeAsync(_cast.Alice, gone.Id, RevocationReason.Unspecified);
        await using var page = await _portal.PageOfAsync(_cast.Alice);
        RotatedKeys? rotated = null;
        var dialog = page.Render<BulkRotateDialog>(p => p.Add(d => d.Selection, BulkSelection.Of([.. keys, gone.Id])).Add(d => d.OnIssued, issued => rotated = issued).AddCascadingValue(page.Viewer()));

        await dialog.WaitForElement("#bulk-count").InputAsync(new() { Value = "3" });
        await dialog.Find("button.primary").ClickAsync(new());

        dialog.WaitForAssertion(() => rotated.ShouldNotBeNull());
        rotated!.Rotated.Select(k => k.Id).ShouldBe(keys, ignoreOrder: true);
        rotated.Rotated.ShouldAllBe(k => k.Secret.Plaintext!.StartsWith(k.Secret.Start, StringComparison.Ordinal));
        rotated.Left.ShouldHaveSingleItem().ShouldSatisfyAllConditions(k => k.Name.ShouldBe("Gone"), k => k.Why.ShouldContain("revoked"));
    }

    [Fact]
    public async Task More_keys_than_can_be_rotated_at_once_are_not_even_asked_for_a_number()
    {
        await KeysAsync(BulkRotation.Most + 1);
        await using var page = await _portal.PageOfAsync(_cast.Alice);

        var dialog = Show<BulkRotateDialog>(page, BulkSelection.Of(new KeyFilter { Search = "Batch" }));

        dialog.WaitForElement(".notice.warning").TextContent.ShouldContain("Select fewer");
        dialog.FindAll("#bulk-count").ShouldBeEmpty();
        dialog.Find("button.primary").HasAttribute("disabled").ShouldBeTrue();
    }

    private async Task<string[]> KeysAsync(int count)
    {
        List<string> ids = [];
        for (var i = 0; i < count; i++)
        {
            ids.Add((await _portal.KeyAsync(_cast.Alice, $"Batch {i}")).Key.Id);
        }

        return [.. ids];
    }

    private async Task<IEnumerable<KeyStatus>> StatusesAsync(string[] ids) => (await _portal.Get<KeyQueries>().FindManyAsync(_cast.Alice, ids)).Select(k => k.Status);

    private static IRenderedComponent<T> Show<T>(BunitContext page, BulkSelection selection) where T : BulkComponent =>
        page.Render<T>(p => p.Add(d => d.Selection, selection).AddCascadingValue(page.Viewer()));
}
