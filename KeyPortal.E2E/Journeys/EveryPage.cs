using KeyPortal.Access;
using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Setup;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace KeyPortal.E2E.Journeys;

/// <summary>Every page of the demonstration, wide and narrow, light and dark: usable by everyone, and photographed for people to look at.</summary>
public sealed class EveryPage(Stage stage, EveryPage.DemonstrationPortal demonstration) : IClassFixture<EveryPage.DemonstrationPortal>
{
    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Is_usable(int width)
    {
        await using var visitor = await Visitor.ArriveAsync(stage, demonstration.Live, width);
        var page = visitor.Page;

        await page.GotoAsync("/sign-in");
        await page.LookAsync("sign-in");
        await visitor.TypePasswordAsync(demonstration.Owner.Email, demonstration.Owner.Password);
        await page.Locator(".rz-chart path").Nth(2).WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.LookAsync("overview");
        await visitor.OpenAsync("/?period=30d");
        await page.Locator(".rz-chart path").Nth(2).WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.LookAsync("overview-30d");
        await visitor.OpenAsync("/keys?sort=name");
        await page.GetByText("Leaked in a notebook").WaitForAsync();
        await page.LookAsync("demonstration-keys");
        await page.GetByRole(AriaRole.Link, new() { Name = "Leaked in a notebook" }).ClickAsync();
        await page.GetByText("Called after").Or(page.GetByText("revoked", new() { Exact = false })).First.WaitForAsync();
        await page.LookAsync("demonstration-key-revoked");
        await visitor.OpenAsync("/audit-log?period=90d");
        await page.Locator("td .chip", new() { HasText = "key.updated" }).First.ClickAsync();
        await page.GetByText("The entry as it is stored").WaitForAsync();
        await page.LookAsync("audit-log");
        await visitor.OpenAsync("/audit-log?action=no.such");
        await page.GetByText("No entry matches").WaitForAsync();
        await page.LookAsync("audit-log-empty");
        await page.GotoAsync("/no/such/page");
        await page.LookAsync("not-found");

        visitor.Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Limits_and_who_ran_into_them_are_usable(int width)
    {
        await using var visitor = await Visitor.ArriveAsync(stage, demonstration.Live, width);
        var page = visitor.Page;
        async Task LookAsync(string what)
        {
            await page.Locator(".headroom tbody tr").Or(page.Locator(".only-key")).First.WaitForAsync();
            await page.LookAsync(what);
        }

        await visitor.SignInAsync(await demonstration.OwnerActorAsync());
        await visitor.OpenAsync("/limits");
        await LookAsync("limits");
        await visitor.OpenAsync("/limits?period=30d");
        await page.Locator(".violations tr.clickable", new() { HasText = "Mobile app" }).First.GetByRole(AriaRole.Button).ClickAsync();
        await page.GetByText("Calls were refused between").WaitForAsync();
        await LookAsync("limits-open");
        await page.GetByRole(AriaRole.Link, new() { Name = "Only this key" }).ClickAsync();
        await page.Locator(".only-key").WaitForAsync();
        await LookAsync("limits-key");
        await visitor.OpenAsync($"/limits?key={await demonstration.KeyAsync("Checkout frontend")}");
        await page.GetByText("No call was refused by a limit").WaitForAsync();
        await LookAsync("limits-empty");

        visitor.Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task The_first_page_of_an_empty_instance_is_usable(int width)
    {
        await using var portal = await Stage.OpenAsync(empty: true);
        await using var visitor = await Visitor.ArriveAsync(stage, portal, width, 900);

        await visitor.Page.GotoAsync("/");

        visitor.Page.Url.ShouldEndWith("/set-up");
        await visitor.Page.LookAsync("set-up");
    }

    public sealed class DemonstrationPortal : IAsyncLifetime
    {
        public LivePortal Live { get; private set; } = null!;

        public DemonstrationPerson Owner { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Live = await Stage.OpenAsync(empty: true);
            Owner = (await Live.Portal.Get<Demonstration>().FillAsync()).People.Single(p => p.Role == Role.Owner);
        }

        /// <summary>The owner, signed in already.</summary>
        public async Task<Actor> OwnerActorAsync()
        {
            await using var db = Live.Portal.OpenDb();
            var member = await db.Set<Member>().SingleAsync(m => m.Role == Role.Owner);
            return CurrentMember.ActorOf(new OrganizationView(member.OrganizationId, Demonstration.OrganizationName, member.Role, member.Name, member.UserId), Origin.None);
        }

        public async Task<string> KeyAsync(string name)
        {
            await using var db = Live.Portal.OpenDb();
            return await db.Set<ApiKey>().Where(k => k.Name == name).Select(k => k.Id).SingleAsync();
        }

        public ValueTask DisposeAsync() => Live.DisposeAsync();
    }
}
