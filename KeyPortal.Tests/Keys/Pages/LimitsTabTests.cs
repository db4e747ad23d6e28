using Bunit;
using KeyPortal.Access;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Keys.Pages;
using KeyPortal.Limits;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;
using Microsoft.Extensions.DependencyInjection;

namespace KeyPortal.Tests.Keys.Pages;

/// <summary>The gauges of a key: what they show, and when they ask.</summary>
public sealed class LimitsTabTests : IClassFixture<SharedPortal>
{
    private const string IsSeen = "keyportal.isSeen";

    private readonly Portal _portal;
    private readonly Cast _cast;
    private readonly Ticker _ticker;

    public LimitsTabTests(SharedPortal shared) => (_portal, _cast, _ticker) = (shared.Portal, shared.Cast, new Ticker(shared.Portal.Clock));

    [Fact]
    public async Task Each_limit_says_where_it_comes_from_and_what_it_means()
    {
        var key = await KeyAsync("free", new RateLimitInput("nightly", "fixed_window", 10, 86_400, 50));
        await SpendAsync(key, 5);
        await using var page = await PageAsync(seen: true);

        var tab = Show(page, key.Key);

        tab.WaitForAssertion(() => tab.FindAll(".gauge").Count.ShouldBe(3));
        tab.FindAll(".gauge h2 .mono").Select(e => e.TextContent).ShouldBe(["nightly", "burst", "quota-day"]);
        tab.FindAll(".gauge .chip").Select(e => e.TextContent).ShouldBe(["Its own", "Tier free", "Tier free"]);
        var meter = tab.Find("[role=meter]");
        (meter.GetAttribute("aria-valuenow"), meter.GetAttribute("aria-valuemax"), meter.GetAttribute("aria-valuetext")).ShouldBe(("5", "10", "5 of 10 used, near its end, more in 24 h"));
        tab.Find(".meter-mark").GetAttribute("style").ShouldBe("left: 50%");
        tab.Find(".meter-fill").GetAttribute("style").ShouldBe("width: 50%");
        tab.Find(".gauge").TextContent.ShouldContain("At most 10 in a day that begins with its first call");
        tab.Find(".limits-line").TextContent.ShouldContain("3 limits hold for this key. All of them must have room; a refused call spends none.");
        tab.FindAll("[role=status], [aria-live]").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_gauge_moves_while_one_looks()
    {
        var key = await KeyAsync(null, new RateLimitInput("burst", "token_bucket", 4, 3_600));
        await using var page = await PageAsync(seen: true);
        var tab = Show(page, key.Key);
        tab.WaitForAssertion(() => Figures(tab).ShouldStartWith("0 of 4 used"));

        await SpendAsync(key, 4);
        _ticker.Tick();

        tab.WaitForAssertion(() => Figures(tab).ShouldBe("4 of 4 used more in 15 min Spent"));
    }

    [Fact]
    public async Task A_page_that_nobody_sees_reads_nothing()
    {
        var key = await KeyAsync(null, new RateLimitInput("burst", "token_bucket", 4, 3_600));
        await using var page = await PageAsync(seen: false);
        var tab = Show(page, key.Key);
        tab.WaitForAssertion(() => Figures(tab).ShouldStartWith("0 of 4 used"));
        await SpendAsync(key, 1);

        _ticker.Tick();
        tab.WaitForAssertion(() => page.JSInterop.Invocations[IsSeen].Count.ShouldBe(1));
        _ticker.Tick();
        tab.WaitForAssertion(() => page.JSInterop.Invocations[IsSeen].Count.ShouldBe(2));

        Figures(tab).ShouldStartWith("0 of 4 used");
    }

    [Fact]
    public async Task Two_readings_are_never_under_way_at_once()
    {
        var key = await KeyAsync(null, new RateLimitInput("burst", "token_bucket", 4, 3_600));
        await using var page = await PageAsync(seen: null);
        var tab = Show(page, key.Key);
        tab.WaitForAssertion(() => _ticker.Count.ShouldBe(1));

        _ticker.Tick();
        tab.WaitForAssertion(() => page.JSInterop.Invocations[IsSeen].Count.ShouldBe(1));
        _ticker.Tick();
        _ticker.Tick();
        await tab.InvokeAsync(() => { });

        page.JSInterop.Invocations[IsSeen].Count.ShouldBe(1);
    }

    [Fact]
    public async Task Whoever_leaves_the_tab_stops_the_clock()
    {
        var key = await KeyAsync(null, new RateLimitInput("burst", "token_bucket", 4, 3_600));
        await using var page = await PageAsync(seen: true);
        var tab = Show(page, key.Key);
        tab.WaitForAssertion(() => _ticker.Count.ShouldBe(1));

        await page.DisposeComponentsAsync();

        await WaitForAsync(() => _ticker.Count == 0);
    }

    [Fact]
    public async Task A_person_who_was_signed_out_is_shown_nothing_new()
    {
        await using var page = await PageAsync(seen: true, _cast.Dora);
        var own = await _portal.KeyAsync(_cast.Dora, with: i => i with { RateLimits = [new RateLimitInput("burst", "token_bucket", 4, 3_600)] });
        var tab = Show(page, own.Key);
        tab.WaitForAssertion(() => Figures(tab).ShouldStartWith("0 of 4 used"));

        await _portal.Get<OwnSessions>().EndOthersAsync(_cast.Dora);
        await SpendAsync(own, 2);
        _ticker.Tick();

        await WaitForAsync(() => _ticker.Count == 0);
        Figures(tab).ShouldStartWith("0 of 4 used");
    }

    [Fact]
    public async Task A_key_without_limits_says_so_and_how_to_set_some()
    {
        var key = await KeyAsync(null);
        var asked = 0;
        await using var page = await PageAsync(seen: true);

        var tab = Show(page, key.Key, () => asked++);
        tab.WaitForElement(".empty").TextContent.ShouldContain("Calls with this key are never refused for their number.");
        await tab.Find(".empty button").ClickAsync(new());

        asked.ShouldBe(1);
        Show(page, key.Key).WaitForElement(".empty").QuerySelectorAll("button").ShouldBeEmpty();
    }

    [Fact]
    public async Task Whoever_may_not_set_limits_is_told_so_in_place_of_the_button()
    {
        var (limited, bare) = (await KeyAsync(null, new RateLimitInput("burst", "token_bucket", 4, 3_600)), await KeyAsync(null));
        await using var page = await PageAsync(seen: true);
        IRenderedComponent<LimitsTab> ShowFixed(IssuedKey key) => page.Render<LimitsTab>(p => p.Add(t => t.Key, key.Key).Add(t => t.MayChange, true).Add(t => t.IsFixed, true));

        var tab = ShowFixed(limited);
        tab.WaitForElement(".limit-rule").TextContent.ShouldBe("Your organization's policy leaves limits to owners and admins.");
        tab.FindAll("button").ShouldBeEmpty();
        var empty = ShowFixed(bare);
        empty.WaitForElement(".empty").TextContent.ShouldContain("leaves limits to owners and admins");
        empty.FindAll("button").ShouldBeEmpty();
    }

    private static string Figures(IRenderedComponent<LimitsTab> tab) => string.Join(' ', tab.FindAll(".gauge-figures > span").Select(s => s.TextContent).Where(t => t.Length > 0));

    private static async Task WaitForAsync(Func<bool> holds)
    {
        while (!holds())
        {
            await Task.Delay(10, Xunit.TestContext.Current.CancellationToken);
        }
    }

    private async Task<IssuedKey> KeyAsync(string? tier, params RateLimitInput[] limits) =>
        await _portal.KeyAsync(_cast.Alice, with: i => i with { Tier = tier, RateLimits = limits });

    private async Task SpendAsync(IssuedKey key, int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            (await _portal.Get<KeyValidator>().ValidateAsync(_cast.AcmeId, new ValidationRequest { Key = key.Plaintext.Expose() })).Code.ShouldBe(ValidationCode.Valid);
        }
    }

    /// <param name="seen">What the browser says of itself; null for a browser that does not answer.</param>
    private async Task<BunitContext> PageAsync(bool? seen, Actor? person = null)
    {
        var page = await _portal.PageOfAsync(person ?? _cast.Alice);
        page.Services.AddSingleton<TimeProvider>(_ticker);
        var asked = page.JSInterop.Setup<bool>(IsSeen);
        if (seen is { } answer)
        {
            asked.SetResult(answer);
        }

        return page;
    }

    private static IRenderedComponent<LimitsTab> Show(BunitContext page, KeyView key, Action? onChange = null) => page.Render<LimitsTab>(p =>
    {
        p.Add(t => t.Key, key).Add(t => t.MayChange, onChange is not null);
        if (onChange is not null)
        {
            p.Add(t => t.OnChange, onChange);
        }
    });
}
