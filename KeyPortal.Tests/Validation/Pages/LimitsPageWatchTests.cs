using Bunit;
using KeyPortal.Access;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Storage;
using KeyPortal.Tests.Keys;
using KeyPortal.Tests.Limits;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;
using KeyPortal.Validation.Pages;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace KeyPortal.Tests.Validation.Pages;

/// <summary>The page of limits while somebody looks at it.</summary>
public sealed class LimitsPageWatchTests : IAsyncLifetime
{
    private const string IsSeen = "keyportal.isSeen";

    private readonly Portal _portal = new();
    private Cast _cast = null!;
    private Ticker _ticker = null!;
    private IssuedKey _key = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _ticker = new Ticker(_portal.Clock);
        _key = await _portal.LimitedKeyAsync(_cast.Alice, "Importer", LimitedCalls.OneAnHour);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private async Task<BunitContext> PageAsync(bool seen)
    {
        var page = await _portal.PageOfAsync(_cast.Alice);
        page.Services.AddSingleton<TimeProvider>(_ticker);
        page.JSInterop.Setup<bool>(IsSeen).SetResult(seen);
        return page;
    }

    private static IRenderedComponent<LimitsPage> Show(BunitContext page, string query = "")
    {
        page.Services.GetRequiredService<NavigationManager>().NavigateTo("/limits" + query);
        return page.Render<LimitsPage>(p => p.AddCascadingValue(page.Viewer()));
    }

    private static string Rows(IRenderedComponent<LimitsPage> shown) => string.Join(' ', shown.FindAll(".violations .at-count").Select(e => e.TextContent));

    [Fact]
    public async Task What_is_refused_meanwhile_appears_and_the_filters_and_open_rows_stay()
    {
        await _portal.CallAsync(_key, 3);
        await using var page = await PageAsync(seen: true);
        var shown = Show(page, $"?period=7d&key={_key.Key.Id}");
        shown.WaitForAssertion(() => Rows(shown).ShouldBe("2 refused"));
        await shown.Find(".violations button[aria-expanded]").ClickAsync(new());
        var row = shown.FindComponent<ViolationRow>().Instance;

        await _portal.CallAsync(_key, 4);
        _ticker.Tick();

        shown.WaitForAssertion(() => Rows(shown).ShouldBe("6 refused"));
        shown.FindComponent<ViolationRow>().Instance.ShouldBeSameAs(row, "an element that is drawn anew loses the focus");
        shown.Find(".violations button[aria-expanded]").GetAttribute("aria-expanded").ShouldBe("true");
        shown.Find(".segments .on").TextContent.ShouldBe("7 d");
        shown.Find(".only-key").TextContent.ShouldContain("Importer");
    }

    [Fact]
    public async Task A_page_that_nobody_sees_reads_nothing()
    {
        await _portal.CallAsync(_key, 2);
        await using var page = await PageAsync(seen: false);
        var shown = Show(page);
        shown.WaitForAssertion(() => Rows(shown).ShouldBe("1 refused"));

        await _portal.CallAsync(_key, 1);
        _ticker.Tick();
        shown.WaitForAssertion(() => page.JSInterop.Invocations[IsSeen].Count.ShouldBe(1));
        _ticker.Tick();
        shown.WaitForAssertion(() => page.JSInterop.Invocations[IsSeen].Count.ShouldBe(2));

        Rows(shown).ShouldBe("1 refused");
    }

    [Theory]
    [InlineData("usage.db")]
    [InlineData("keyportal.db")]
    public async Task While_a_database_cannot_be_read_it_says_so_and_heals_by_itself(string database)
    {
        await _portal.CallAsync(_key, 2);
        await using var page = await PageAsync(seen: true);
        var shown = Show(page);
        shown.WaitForAssertion(() => (Rows(shown), shown.FindAll(".skeleton").Count).ShouldBe(("1 refused", 0), "a tick while it still reads counts for nothing"));

        var away = await UsageAway.TakeAsync(_portal, database);
        _ticker.Tick();
        shown.WaitForElement(".notice.warning").TextContent.ShouldBe("What limits refused cannot be read now; this is how it stood before. Calls are still held against the limits, and this page goes on trying.");
        Rows(shown).ShouldBe("1 refused");
        var fresh = Show(page, "?period=30d");
        fresh.WaitForElement(".notice.warning").TextContent.ShouldStartWith("What limits refused cannot be read now. Calls are still held");
        fresh.FindAll(".skeleton, .violations table").ShouldBeEmpty();

        await away.DisposeAsync();
        shown.WaitForAssertion(() =>
        {
            _ticker.Tick();
            shown.FindAll(".notice").ShouldBeEmpty();
        });
        fresh.WaitForAssertion(() => (fresh.FindAll(".notice").Count, Rows(fresh)).ShouldBe((0, "1 refused")));
    }

    [Fact]
    public async Task A_late_answer_about_a_key_that_is_none_does_not_hide_what_was_gone_to_meanwhile()
    {
        await _portal.CallAsync(_key, 2);
        var reads = new PausedReads(_portal);
        await using var page = await PageAsync(seen: true);
        var usage = new UsageReading(_portal.Get<IDbContextFactory<UsageDb>>(), reads, _portal.Get<PermissionGate>(), _portal.Get<RollupWriter>(), _portal.Clock);
        page.Services.AddSingleton(new ViolationQueries(usage, _portal.Get<LimitViolations>()));
        var shown = Show(page, "?key=key_01m7yv349n6j63e140117m1c3r");
        page.Services.GetRequiredService<NavigationManager>().NavigateTo("/limits");
        shown.WaitForAssertion(() => (Rows(shown), shown.FindAll(".skeleton").Count).ShouldBe(("1 refused", 0)));
        var renders = shown.RenderCount;

        reads.Resume();

        shown.WaitForState(() => shown.RenderCount > renders);
        Rows(shown).ShouldBe("1 refused");
    }

    [Fact]
    public async Task Whoever_was_signed_out_is_shown_nothing_new_and_asks_no_more()
    {
        await _portal.CallAsync(_key, 2);
        await using var page = await PageAsync(seen: true);
        var shown = Show(page);
        shown.WaitForAssertion(() => Rows(shown).ShouldBe("1 refused"));

        await _portal.Get<OwnSessions>().EndOthersAsync(_cast.Alice);
        await _portal.CallAsync(_key, 2);
        _ticker.Tick();

        shown.WaitForAssertion(() => _ticker.Count.ShouldBe(0));
        Rows(shown).ShouldBe("1 refused");
    }
}
