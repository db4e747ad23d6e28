using Bunit;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Keys.Pages;
using KeyPortal.Limits;
using KeyPortal.Tests.Support;
using KeyPortal.Tests.Usage;
using KeyPortal.Usage;

namespace KeyPortal.Tests.Keys.Pages;

/// <summary>Limits in the dialog that edits a key.</summary>
public sealed class LimitsFieldsTests : IClassFixture<SharedPortal>
{
    private readonly Portal _portal;
    private readonly Cast _cast;

    public LimitsFieldsTests(SharedPortal shared) => (_portal, _cast) = (shared.Portal, shared.Cast);

    [Fact]
    public async Task A_tier_and_a_limit_of_its_own_are_typed_read_in_words_and_saved()
    {
        var key = (await _portal.KeyAsync(_cast.Alice)).Key;
        await using var page = await _portal.PageOfAsync(_cast.Alice);
        var dialog = await OpenAsync(page, key);
        dialog.Find("details.limits").HasAttribute("open").ShouldBeFalse();

        await dialog.Find("#key-tier").ChangeAsync(new() { Value = "free" });
        await Button(dialog, "Add a rate limit").ClickAsync(new());
        await dialog.Find("#rate-limit-0-limit").InputAsync(new() { Value = "600" });

        dialog.Find("#key-limits-lead").TextContent.ShouldBe("The key takes the limits of the tier free, and follows when the tier is changed.");
        dialog.FindAll(".effective dt .mono").Select(e => e.TextContent).ShouldBe(["burst", "quota-day"]);
        dialog.FindAll(".effective .chip").Select(e => e.TextContent).ShouldBe(["Its own, in place of the tier's", "Tier free"]);
        dialog.Find(".said-back").TextContent.ShouldEndWith("at most 600 calls a minute, with the limits of the tier free.");
        await Button(dialog, "Save changes").ClickAsync(new());

        var saved = (await _portal.Get<KeyQueries>().FindAsync(_cast.Alice, key.Id)).Value;
        (saved.RateLimits.ShouldHaveSingleItem(), saved.Tier).ShouldBe((new RateLimit("burst", LimitAlgorithm.TokenBucket, 600, 60, 80), "free"));
        var log = await _portal.Get<AuditReader>().ListAsync(_cast.Alice, new AuditFilter { TargetId = key.Id, Action = "key.updated" }, 5, null);
        log.Value.Items.ShouldHaveSingleItem().Raw.ShouldContain("rate_limits");
    }

    [Fact]
    public async Task What_is_wrong_opens_the_fold_and_stands_at_its_field()
    {
        var key = (await _portal.KeyAsync(_cast.Alice)).Key;
        await using var page = await _portal.PageOfAsync(_cast.Alice);
        var dialog = await OpenAsync(page, key);
        await Button(dialog, "Add a rate limit").ClickAsync(new());
        await Button(dialog, "Add a rate limit").ClickAsync(new());
        await dialog.Find("#rate-limit-1-limit").InputAsync(new() { Value = "a hundred" });

        await Button(dialog, "Save changes").ClickAsync(new());

        dialog.WaitForElement("#rate-limit-1-limit[aria-invalid=true]");
        dialog.Find("details.limits").HasAttribute("open").ShouldBeTrue();
        dialog.FindAll(".limits .error").ShouldHaveSingleItem().TextContent.ShouldStartWith("A limit is a whole number from 1 to");
        (await _portal.Get<KeyQueries>().FindAsync(_cast.Alice, key.Id)).Value.RateLimits.ShouldBeEmpty();
    }

    [Fact]
    public async Task Taking_the_last_limit_away_leaves_the_fold_open_and_the_key_free()
    {
        var key = (await _portal.KeyAsync(_cast.Alice, with: i => i with { RateLimits = [new("burst", "token_bucket", 5, 60)] })).Key;
        await using var page = await _portal.PageOfAsync(_cast.Alice);
        var dialog = await OpenAsync(page, key);

        await Button(dialog, "Remove").ClickAsync(new());

        dialog.Find("details.limits").HasAttribute("open").ShouldBeTrue();
        dialog.Find("#key-limits-lead").TextContent.ShouldBe("No limits: calls with this key are never refused for their number.");
        await Button(dialog, "Save changes").ClickAsync(new());
        (await _portal.Get<KeyQueries>().FindAsync(_cast.Alice, key.Id)).Value.RateLimits.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_limits_would_have_refused_is_read_before_they_are_saved()
    {
        var key = (await _portal.KeyAsync(_cast.Alice)).Key;
        _portal.Calls(_cast.AcmeId, key.Id, 100, at: _portal.Clock.Now.AddHours(-3));
        await _portal.Get<RollupWriter>().FlushAsync();
        await using var page = await _portal.PageOfAsync(_cast.Alice);
        var dialog = await OpenAsync(page, key);
        dialog.FindAll(".notice").ShouldBeEmpty();
        await Button(dialog, "Add a quota").ClickAsync(new());
        await dialog.Find("#quota-0-limit").InputAsync(new() { Value = "ten" });
        dialog.WaitForAssertion(() => dialog.Find(".notice").TextContent.ShouldBe("What these limits would have refused is told once every row is complete."));
        await dialog.Find("#quota-0-limit").InputAsync(new() { Value = "10" });

        dialog.WaitForElement(".notice.warning").TextContent.ShouldBe("Of 100 calls in the last 7 days, these limits would have refused at least 90, in 1 minute, last 3 h ago.");
        await Button(dialog, "Save changes").ClickAsync(new());
        (await _portal.Get<KeyQueries>().FindAsync(_cast.Alice, key.Id)).Value.Quotas.ShouldHaveSingleItem().Limit.ShouldBe(10);
    }

    [Fact]
    public async Task Whoever_came_to_set_limits_begins_there()
    {
        var key = (await _portal.KeyAsync(_cast.Alice)).Key;
        await using var page = await _portal.PageOfAsync(_cast.Alice);

        var dialog = page.Render<EditKeyDialog>(p => p.Add(d => d.Key, key).Add(d => d.AtLimits, true).AddCascadingValue(page.Viewer()));

        dialog.WaitForElement("details.limits[open]");
        dialog.WaitForAssertion(() => page.JSInterop.VerifyFocusAsyncInvoke());
    }

    [Fact]
    public async Task Where_admins_set_limits_others_read_them_and_why_they_cannot_change_them()
    {
        await using var portal = new Portal(("KeyPortal:Policy:LimitsByAdmins", "true"));
        var cast = await Cast.EnterAsync(portal);
        var key = (await portal.KeyAsync(cast.Dora)).Key;
        (await portal.Get<KeyEditing>().EditAsync(cast.Alice, key.Id, i => i with { Tier = "free", RateLimits = [new("own", "token_bucket", 5, 60)] })).Refusal.ShouldBeNull();
        key = (await portal.Get<KeyQueries>().FindAsync(cast.Dora, key.Id)).Value;

        await using var hers = await portal.PageOfAsync(cast.Dora);
        var fixedDialog = hers.Render<EditKeyDialog>(p => p.Add(d => d.Key, key).Add(d => d.AtLimits, true).AddCascadingValue(hers.Viewer()));
        fixedDialog.WaitForElement("#key-limits-rule").TextContent.ShouldBe("Your organization's policy leaves limits to owners and admins. This key keeps those it has.");
        fixedDialog.FindAll(".limits input, .limits select, .limits button").ShouldBeEmpty();
        fixedDialog.FindAll(".effective dt .mono").Select(e => e.TextContent).ShouldBe(["own", "burst", "quota-day"]);
        await fixedDialog.Find("#key-name").InputAsync(new() { Value = "Renamed" });
        await Button(fixedDialog, "Save changes").ClickAsync(new());
        (await portal.Get<KeyQueries>().FindAsync(cast.Dora, key.Id)).Value.ShouldSatisfyAllConditions(k => k.Name.ShouldBe("Renamed"), k => k.Tier.ShouldBe("free"));

        await using var theirs = await portal.PageOfAsync(cast.Alice);
        (await OpenAsync(theirs, key)).FindAll("#key-limits-rule").ShouldBeEmpty();
    }

    private static AngleSharp.Dom.IElement Button(IRenderedComponent<EditKeyDialog> dialog, string text) => dialog.FindAll("button").First(b => b.TextContent == text);

    private static async Task<IRenderedComponent<EditKeyDialog>> OpenAsync(BunitContext page, KeyView key)
    {
        var dialog = page.Render<EditKeyDialog>(p => p.Add(d => d.Key, key).AddCascadingValue(page.Viewer()));
        await dialog.WaitForElementAsync("#key-tier");
        return dialog;
    }
}
