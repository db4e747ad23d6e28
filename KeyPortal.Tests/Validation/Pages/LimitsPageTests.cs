using System.Net;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Tests.Limits;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Validation.Pages;

/// <summary>The page of limits as the server draws it.</summary>
public sealed class LimitsPageTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;
    private IssuedKey _hers = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _hers = await _portal.LimitedKeyAsync(_cast.Dora, "Doras importer", LimitedCalls.OneAnHour);
        var (his, theirs) = (await _portal.LimitedKeyAsync(_cast.Dan, "Dans crawler", LimitedCalls.OneAnHour), await _portal.LimitedKeyAsync(_cast.Olaf, "Olafs robot", LimitedCalls.OneAnHour));
        await _portal.CallAsync(_hers, 4, "203.0.113.9");
        await _portal.CallAsync(his, 6, "203.0.113.20");
        await _portal.CallAsync(theirs, 8, "203.0.113.30");
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task An_owner_sees_who_ran_into_limits_and_from_where()
    {
        var (_, page) = await OpenAsync(_cast.Alice, "/limits");

        page.ShouldContain("2 keys ran into their limits in the last 24 hours; 8 calls were refused");
        page.ShouldContain("Doras importer");
        page.ShouldContain("Dans crawler");
        page.ShouldContain("203.0.113.20");
        page.ShouldContain($"/keys/{_hers.Key.Id}?tab=limits");
    }

    [Fact]
    public async Task Keys_of_colleagues_and_of_other_organizations_never_appear()
    {
        var (_, doras) = await OpenAsync(_cast.Dora, "/limits?period=30d");
        var (_, olafs) = await OpenAsync(_cast.Olaf, "/limits");

        doras.ShouldContain("1 of your keys ran into its limits in the last 30 days; 3 calls were refused");
        doras.ShouldContain("Doras importer");
        foreach (var foreign in new[] { "Dans crawler", "203.0.113.20", "Olafs robot", "203.0.113.30" })
        {
            doras.ShouldNotContain(foreign);
        }

        olafs.ShouldContain("Olafs robot");
        olafs.ShouldNotContain("Doras importer");
        olafs.ShouldNotContain("Dans crawler");
    }

    [Fact]
    public async Task One_keys_page_is_for_those_who_may_see_the_key()
    {
        var (own, page) = await OpenAsync(_cast.Dora, $"/limits?key={_hers.Key.Id}");
        own.ShouldBe(HttpStatusCode.OK);
        page.ShouldContain("ran into its limits once in the last 24 hours; 3 calls were refused");
        page.ShouldNotContain("Busiest keys");

        foreach (var stranger in new[] { _cast.Dan, _cast.Olaf })
        {
            var (status, refused) = await OpenAsync(stranger, $"/limits?key={_hers.Key.Id}");
            status.ShouldBe(HttpStatusCode.NotFound);
            refused.ShouldNotContain("Doras importer");
            refused.ShouldNotContain("203.0.113.9");
        }
    }

    [Fact]
    public async Task Where_nothing_was_refused_the_page_says_what_will_be_here()
    {
        _portal.Clock.Advance(TimeSpan.FromHours(25));

        var (_, page) = await OpenAsync(_cast.Alice, "/limits");

        page.ShouldContain("None of your organization's keys ran into its limits in the last 24 hours");
        page.ShouldContain("No call was refused by a limit");
        page.ShouldContain("No key was called");
    }

    private async Task<(HttpStatusCode Status, string Page)> OpenAsync(Actor actor, string path)
    {
        using var visitor = new PagesVisitor(_portal);
        visitor.Bring(_portal.CookieOf(await _portal.SessionAsync(actor)));
        using var answer = await visitor.Http.GetAsync(path);
        return (answer.StatusCode, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()));
    }
}
