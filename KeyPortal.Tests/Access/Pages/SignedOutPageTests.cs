using Bunit;
using Bunit.TestDoubles;
using KeyPortal.Access;
using KeyPortal.Access.Pages;
using KeyPortal.Components;
using KeyPortal.Keys;
using KeyPortal.Keys.Pages;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Radzen;

namespace KeyPortal.Tests.Access.Pages;

/// <summary>A page that is still drawn for somebody whose session is over: what it sends changes nothing, and leads to the sign-in page.</summary>
public sealed class SignedOutPageTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    private readonly Portal _portal = shared.Portal;
    private readonly Cast _cast = shared.Cast;

    [Fact]
    public async Task Pressing_revoke_changes_nothing()
    {
        var key = (await _portal.KeyAsync(_cast.Dora)).Key;
        var session = await _portal.SessionAsync(_cast.Dora);
        await using var page = PageOf(session);
        var dialog = page.Render<RevokeKeyDialog>(p => p.Add(d => d.Key, key).AddCascadingValue(page.Services.GetRequiredService<ViewerTime>()));
        await _portal.Get<SignIn>().EndAsync(session.UserId, session.SessionId, Origin.None);
        var entries = await _portal.CountEntriesAsync();

        await dialog.Find("button.danger-solid").ClickAsync(new());

        ShouldBeSentToSignIn(page);
        (await _portal.Get<KeyQueries>().FindAsync(_cast.Dora, key.Id)).Value.Status.ShouldBe(KeyStatus.Active);
        (await _portal.CountEntriesAsync()).ShouldBe(entries);
    }

    [Fact]
    public async Task Ending_a_session_from_one_that_is_over_ends_nothing()
    {
        var (mine, other) = (await _portal.SessionAsync(_cast.Dan), await _portal.SessionAsync(_cast.Dan));
        await using var page = PageOf(mine);
        var sessions = page.Render<AccountSessions>(p => p.AddCascadingValue(page.Services.GetRequiredService<ViewerTime>()));
        sessions.WaitForElement("button.danger");
        await _portal.Get<SignIn>().EndAsync(mine.UserId, mine.SessionId, Origin.None);

        await sessions.Find("button.danger").ClickAsync(new());
        await sessions.Find(".card-head button").ClickAsync(new());

        ShouldBeSentToSignIn(page);
        (await _portal.Get<Sessions>().FindLiveAsync(other.SessionId, other.UserId)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Ending_a_session_updates_the_list()
    {
        var (mine, other) = (await _portal.SessionAsync(_cast.Audrey), await _portal.SessionAsync(_cast.Audrey));
        await using var page = PageOf(mine);
        var sessions = page.Render<AccountSessions>(p => p.AddCascadingValue(page.Services.GetRequiredService<ViewerTime>()));
        await sessions.WaitForElement("button.danger").ClickAsync(new());

        sessions.WaitForAssertion(() => sessions.Markup.ShouldContain("You are signed in here and nowhere else."));
        (await _portal.Get<Sessions>().FindLiveAsync(other.SessionId, other.UserId)).ShouldBeNull();
    }

    [Fact]
    public async Task An_act_that_wants_a_fresh_sign_in_leads_to_the_page_that_asks_for_one()
    {
        await using var page = PageOf(await _portal.SessionAsync(_cast.Dora));
        page.Services.GetRequiredService<NavigationManager>().NavigateTo("/account");

        (await page.Services.GetRequiredService<PageActs>().RunAsync<bool>(_ => Task.FromResult<Outcome<bool>>(FactorChanges.NotFresh), "done")).ShouldBeFalse();

        page.Services.GetRequiredService<NavigationManager>().Uri.ShouldEndWith("/confirm?return=%2Faccount");
        page.Services.GetRequiredService<NotificationService>().Messages.ShouldBeEmpty();
    }

    [Fact]
    public async Task No_error_page_is_shown_to_who_is_signed_out()
    {
        await using var page = new BunitContext();
        var failure = page.Render<PageFailure>(p => p.Add(f => f.Error, new SignedOutException()));
        failure.Markup.Trim().ShouldBeEmpty();
        page.Services.GetRequiredService<NavigationManager>().Uri.ShouldContain("/sign-in?return=");
        page.Render<PageFailure>(p => p.Add(f => f.Error, new InvalidOperationException())).Markup.ShouldContain("could not be shown");
    }

    private static void ShouldBeSentToSignIn(BunitContext page)
    {
        var navigation = page.Services.GetRequiredService<BunitNavigationManager>();
        navigation.Uri.ShouldContain("/sign-in?return=");
        navigation.History.First().Options.ForceLoad.ShouldBeTrue("the page itself has to go, not only what it shows");
        page.Services.GetRequiredService<NotificationService>().Messages.ShouldBeEmpty();
    }

    private BunitContext PageOf(SessionReference session)
    {
        var page = new BunitContext();
        page.JSInterop.Mode = JSRuntimeMode.Loose;
        var services = page.Services;
        services.AddSingleton<TimeProvider>(_portal.Clock);
        services.AddSingleton(_portal.Get<Membership>()).AddSingleton(_portal.Get<KeyRevocation>()).AddSingleton(_portal.Get<OwnSessions>());
        services.AddSingleton(_portal.Get<KeyQueries>()).AddSingleton(_portal.Get<UsageQueries>());
        services.AddSingleton<AuthenticationStateProvider>(new SignedIn(session)).AddSingleton(_portal.Get<Sessions>());
        services.AddScoped<CurrentMember>().AddScoped<PageActs>().AddScoped<ViewerTime>().AddScoped<DialogService>().AddScoped<NotificationService>();
        return page;
    }
}
