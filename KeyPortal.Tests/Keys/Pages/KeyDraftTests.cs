using KeyPortal.Components;
using KeyPortal.Keys;
using KeyPortal.Keys.Pages;
using KeyPortal.Limits;
using KeyPortal.Limits.Pages;
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
            RateLimits = [new RateLimitInput("odd", "sliding_window", 7, 3_661, 33)],
            Quotas = [new QuotaInput("month", 5, "soft")],
            Tier = "unlimited",
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
        edited.RateLimits.ShouldBe([new RateLimit("odd", LimitAlgorithm.SlidingWindow, 7, 3_661, 33)]);
        edited.Quotas.ShouldBe([new Quota(QuotaPeriod.Month, 5, QuotaMode.Soft)]);
        edited.Tier.ShouldBe("unlimited");
        (edited.NotBefore, edited.ExpiresAt).ShouldBe((awkward.Key.NotBefore, awkward.Key.ExpiresAt));
        (shown.TagsAreFixed, shown.MetadataIsFixed, shown.ResourcesAreFixed).ShouldBe((true, true, true));
    }

    [Fact]
    public void Limits_that_somebody_else_changes_meanwhile_stay_unless_they_were_touched()
    {
        var viewer = new ViewerTime(new Bunit.BunitJSInterop().JSRuntime, new TestClock());
        static KeyDraft Shown() => new() { RateLimits = { LimitDraft.Of(new RateLimit("burst", LimitAlgorithm.TokenBucket, 100, 90)) }, Quotas = { QuotaDraft.Of(new Quota(QuotaPeriod.Day, 9)) }, Tier = "free" };
        var meanwhile = new KeyInput { Name = "", RateLimits = [new("other", "fixed_window", 1, 1)], Quotas = [new("month", 2)], Tier = "standard" };

        var untouched = Shown().ChangeFrom(Shown(), meanwhile, viewer);
        (untouched.RateLimits, untouched.Quotas, untouched.Tier).ShouldBe((meanwhile.RateLimits, meanwhile.Quotas, "standard"));
        var typed = Shown();
        (typed.RateLimits[0].Limit, typed.Quotas[0].Mode, typed.Tier) = ("many", QuotaMode.Soft, null);
        var touched = typed.ChangeFrom(Shown(), meanwhile, viewer);

        touched.RateLimits.ShouldBe([new RateLimitInput("burst", "token_bucket", null, 90)]);
        touched.Quotas.ShouldBe([new QuotaInput("day", 9, "soft")]);
        touched.Tier.ShouldBeNull();
    }
}
