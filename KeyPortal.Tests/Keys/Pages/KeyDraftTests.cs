using KeyPortal.Components;
using KeyPortal.Keys;
using KeyPortal.Keys.Pages;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Keys.Pages;

public sealed class KeyDraftTests
{
    [Fact]
    public async Task Editing_one_field_leaves_the_exact_values_of_all_others()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var viewer = new ViewerTime(new Bunit.BunitJSInterop().JSRuntime, portal.Clock);
        var awkward = await portal.KeyAsync(cast.Alice, "  spaced  ", with: i => i with
        {
            Tags = ["a, b", "c"],
            Metadata = new Dictionary<string, string> { ["url:prod"] = "line one\nline two", ["n"] = " padded " },
            Resources = ["projects/1\n2"],
            NotBefore = portal.Clock.Now.AddMilliseconds(-123),
            Expiry = ExpiryInput.On(portal.Clock.Now.AddDays(40).AddMilliseconds(7)),
        });
        var shown = KeyDraft.Of(awkward.Key, viewer);
        var typed = KeyDraft.Of(awkward.Key, viewer);
        typed.Description = "new words";

        var edited = (await portal.Get<KeyEditing>().EditAsync(cast.Alice, awkward.Key.Id, present => typed.ChangeFrom(shown, present, viewer))).Value;

        edited.Description.ShouldBe("new words");
        edited.Name.ShouldBe("  spaced  ");
        edited.Tags.ShouldBe(awkward.Key.Tags);
        edited.Metadata.ShouldBe(awkward.Key.Metadata);
        edited.Resources.ShouldBe(awkward.Key.Resources);
        (edited.NotBefore, edited.ExpiresAt).ShouldBe((awkward.Key.NotBefore, awkward.Key.ExpiresAt));
        (shown.TagsAreFixed, shown.MetadataIsFixed, shown.ResourcesAreFixed).ShouldBe((true, true, true));
    }
}
