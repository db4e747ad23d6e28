using System.Diagnostics;
using KeyPortal.Access;
using KeyPortal.E2E.Screens;
using KeyPortal.E2E.Support;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using Microsoft.Playwright;

namespace KeyPortal.E2E.Journeys;

/// <summary>An open page outlives its right to be open by less than five seconds, whoever ended that right and wherever.</summary>
public sealed class OpenPageJourney(Stage stage)
{
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(5);

    /// <summary>Rows changed behind the program's back, as another process does: no signal tells the page, it has to look.</summary>
    [Fact]
    public async Task What_another_process_changes_closes_it_too()
    {
        await using var portal = await Stage.OpenAsync();
        var (cast, now) = (portal.Cast, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        (string What, Actor Who, string Sql)[] ends =
        [
            ("disabled", cast.Dora, $"UPDATE members SET State = 'disabled' WHERE UserId = '{cast.Dora.Id}'"),
            ("removed", cast.Dan, $"UPDATE members SET State = 'removed' WHERE UserId = '{cast.Dan.Id}'"),
            ("signed out elsewhere", cast.Andy, $"UPDATE sessions SET EndedAt = {now}, EndReason = 'ended_elsewhere' WHERE UserId = '{cast.Andy.Id}'"),
            ("password changed", cast.Audrey, $"UPDATE sessions SET EndedAt = {now}, EndReason = 'password_changed' WHERE UserId = '{cast.Audrey.Id}'"),
        ];
        using var other = new Onlooker(portal.Portal);
        foreach (var (what, who, sql) in ends)
        {
            await using var visitor = await ArriveAsync(portal, who);
            var took = await TimeAsync(visitor, () =>
            {
                other.Run(sql);
                return Task.CompletedTask;
            });
            took.ShouldBeLessThan(AtMost, what);
            TestContext.Current.TestOutputHelper!.WriteLine($"{what}: {took.TotalSeconds:0.00} s");
            visitor.Errors.ShouldBeEmpty(what);
        }
    }

    [Fact]
    public async Task What_this_process_changes_closes_it_at_once()
    {
        await using var portal = await Stage.OpenAsync();
        await using var dora = await ArriveAsync(portal, portal.Cast.Dora);
        var took = await TimeAsync(dora, async () => (await portal.Portal.Get<OwnSessions>().EndOthersAsync(portal.Cast.Dora)).Value.ShouldBe(1));
        took.ShouldBeLessThan(AtMost);
        TestContext.Current.TestOutputHelper!.WriteLine($"in this process: {took.TotalSeconds:0.00} s");
    }

    [Fact]
    public async Task Signing_out_in_one_tab_closes_the_other()
    {
        await using var portal = await Stage.OpenAsync();
        await using var dora = await ArriveAsync(portal, portal.Cast.Dora);
        var second = await dora.NewTabAsync();
        await second.GotoAsync("/account");
        await second.Locator("[data-live=true]").First.WaitForAsync();

        await dora.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();

        await SignInShown(second).WaitForAsync();
        await second.GoBackAsync();
        await SignInShown(second).WaitForAsync();
        (await second.GetByText("dora@acme.example").CountAsync()).ShouldBe(0);
    }

    private async Task<Visitor> ArriveAsync(LivePortal portal, Actor who)
    {
        var visitor = await Visitor.ArriveAsync(stage, portal);
        await visitor.SignInAsync(who);
        await visitor.OpenAsync("/keys");
        await visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Keys", Exact = true }).WaitForAsync();
        return visitor;
    }

    private static async Task<TimeSpan> TimeAsync(Visitor visitor, Func<Task> end)
    {
        var began = Stopwatch.StartNew();
        await end();
        await visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Keys", Exact = true }).WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        var took = began.Elapsed;
        await SignInShown(visitor.Page).WaitForAsync();
        return took;
    }

    private static ILocator SignInShown(IPage page) => page.GetByRole(AriaRole.Heading, new() { Name = "Sign in", Exact = true });
}
