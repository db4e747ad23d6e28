using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Primitives;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;
using KeyPortal.Tests.Usage;
using KeyPortal.Validation;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace KeyPortal.Tests.Limits;

public sealed class QuotaUsesTests
{
    private static readonly QuotaInput TenADay = new("day", 10);

    [Fact]
    public async Task Use_of_a_quota_is_exact_across_a_clean_stop()
    {
        var data = Directory.CreateTempSubdirectory("keyportal-test-").FullName;
        IssuedKey key;
        string organization;
        await using (var portal = new Portal(("KeyPortal:DataDirectory", data)) { KeepsData = true })
        {
            var cast = await Cast.EnterAsync(portal);
            (key, organization) = (await LimitedAsync(portal, cast.Alice, TenADay, new QuotaInput("month", 100)), cast.Alice.OrganizationId);
            (await PassAsync(portal, organization, key, 7)).ShouldBe(7);
        }

        await using var again = new Portal(("KeyPortal:DataDirectory", data));
        var result = await AskAsync(again, organization, key);
        result.Limits!.Standings.Select(s => s.Used).ShouldBe([8, 8]);
        (await PassAsync(again, organization, key, 5)).ShouldBe(2);
    }

    [Fact]
    public async Task A_quota_used_up_refuses_until_its_period_ends_and_says_so()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var (key, organization) = (await LimitedAsync(portal, cast.Alice, TenADay), cast.Alice.OrganizationId);
        (await PassAsync(portal, organization, key, 12)).ShouldBe(10);
        var refused = await AskAsync(portal, organization, key);
        refused.Code.ShouldBe(ValidationCode.QuotaExceeded);
        refused.Reasons.ShouldHaveSingleItem().Detail.ShouldBe("The quota of 10 a day (UTC) has no room left. A new day begins in 54,000 seconds.");
        refused.Limits!.RetryAfterSeconds.ShouldBe(15 * 3600);
        portal.Clock.Advance(TimeSpan.FromHours(15));
        (await PassAsync(portal, organization, key, 12)).ShouldBe(10);
    }

    [Fact]
    public async Task A_wall_clock_set_back_over_midnight_neither_resets_nor_blocks()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var (key, organization) = (await LimitedAsync(portal, cast.Alice, TenADay), cast.Alice.OrganizationId);
        (await PassAsync(portal, organization, key, 6)).ShouldBe(6);

        portal.Clock.ShiftWall(TimeSpan.FromDays(40));
        (await PassAsync(portal, organization, key, 12)).ShouldBe(10);

        // Back in the day of which six were used: they still are, and the four left can be had though another day's were spent.
        portal.Clock.ShiftWall(TimeSpan.FromDays(-40));
        (await PassAsync(portal, organization, key, 12)).ShouldBe(4);
        portal.Clock.ShiftWall(TimeSpan.FromDays(40));
        (await PassAsync(portal, organization, key, 1)).ShouldBe(0);
    }

    [Fact]
    public async Task Calls_from_before_midnight_that_are_counted_after_it_do_not_take_the_new_day_away()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var (key, organization) = (await LimitedAsync(portal, cast.Alice, TenADay), cast.Alice.OrganizationId);
        var began = portal.Clock.Now;
        portal.Clock.Advance(TimeSpan.FromHours(15));
        (await PassAsync(portal, organization, key, 4)).ShouldBe(4);

        var limits = KeyLimits.Of([], [new Quota(QuotaPeriod.Day, 10)], null, null);
        var late = new LimitedCall(organization, new LimitedKey(CounterId.Of(key.Key.Id), key.Key.Id, limits, 0), 1, null, began);
        (await portal.Get<KeyLimiter>().AcquireAsync(late))!.Standings.ShouldHaveSingleItem().Used.ShouldBe(5);

        (await PassAsync(portal, organization, key, 12)).ShouldBe(5);
    }

    [Fact]
    public async Task A_changed_quota_keeps_what_was_used_and_one_taken_off_and_put_back_too()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var (key, organization) = (await LimitedAsync(portal, cast.Alice, TenADay), cast.Alice.OrganizationId);
        (await PassAsync(portal, organization, key, 8)).ShouldBe(8);
        await ChangeAsync(portal, cast.Alice, key, i => i with { Quotas = [TenADay with { Limit = 9 }], RateLimits = [new("burst", "token_bucket", 100, 1)] });
        (await PassAsync(portal, organization, key, 5)).ShouldBe(1);
        await ChangeAsync(portal, cast.Alice, key, i => i with { Quotas = [] });
        (await PassAsync(portal, organization, key, 5)).ShouldBe(5);
        await ChangeAsync(portal, cast.Alice, key, i => i with { Quotas = [TenADay with { Limit = 11 }] });
        (await PassAsync(portal, organization, key, 5)).ShouldBe(2);
    }

    [Fact]
    public async Task A_soft_quota_lets_calls_go_on_and_warns()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var (key, organization) = (await LimitedAsync(portal, cast.Alice, TenADay with { Mode = "soft" }), cast.Alice.OrganizationId);
        List<LimitNear> heard = [];
        portal.Get<LimitWarnings>().Near += heard.Add;
        (await PassAsync(portal, organization, key, 15)).ShouldBe(15);
        var result = await AskAsync(portal, organization, key);
        result.Warnings.ShouldHaveSingleItem().ShouldBe(new KeyWarning(KeyWarningCode.QuotaPassed, "16 calls were made of the 10 for this day (UTC). They still pass."));
        portal.Get<LimitWarnings>().Tell();
        heard.ShouldHaveSingleItem().ShouldSatisfyAllConditions(n => n.LimitName.ShouldBe("quota-day"), n => n.Standing.Used.ShouldBe(10));
    }

    [Fact]
    public async Task A_call_that_fails_another_check_spends_no_quota_and_is_told_of_both()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var (key, organization) = (await LimitedAsync(portal, cast.Alice, TenADay), cast.Alice.OrganizationId);
        var wrong = new ValidationRequest { Key = key.Plaintext.Expose(), Demand = new KeyDemand { Scopes = ScopeExpression.All([Scope.Parse("triggers:write")]) } };
        for (var i = 0; i < 20; i++)
        {
            (await portal.Get<KeyValidator>().ValidateAsync(organization, wrong)).Code.ShouldBe(ValidationCode.InsufficientScope);
        }

        (await PassAsync(portal, organization, key, 12)).ShouldBe(10);
        (await portal.Get<KeyValidator>().ValidateAsync(organization, wrong)).Reasons.Select(r => r.Code).ShouldBe([ValidationCode.InsufficientScope, ValidationCode.QuotaExceeded]);
    }

    [Fact]
    public async Task What_cannot_be_written_is_kept_and_written_later()
    {
        using var file = new UsageFile();
        var counted = new Counted().Set([], [new Quota(QuotaPeriod.Day, 10)]);
        using var uses = new QuotaUses(counted.Counters, new LimitWarnings(NullLogger<LimitWarnings>.Instance), file, counted.Clock, NullLogger<QuotaUses>.Instance);
        counted.Name();
        await uses.LoadAsync(counted.Key, counted.Key.Limits, counted.Clock.Now, default);
        counted.Pass(3);
        await using (await file.LockAsync())
        {
            (await uses.FlushAsync()).ShouldBeFalse();
            counted.Pass(2);
            (await uses.FlushAsync()).ShouldBeFalse();
        }

        counted.Counters.Sweep();
        counted.Counters.Sweep();
        counted.Counters.Count.ShouldBe(1, "nothing that is not on the disk leaves memory");
        (await uses.FlushAsync()).ShouldBeTrue();
        await using var db = file.CreateDbContext();
        db.Set<QuotaUse>().ShouldHaveSingleItem().Used.ShouldBe(5);
    }

    [Fact]
    public async Task A_program_that_is_killed_forgets_a_second_at_most()
    {
        var data = PortalProcess.NewDataDirectory();
        (string, string)[] settings = [("KeyPortal__Api__RequestsPerMinute", "0")];
        var managementKey = (await PortalProcess.BootstrapAsync(data, settings))["management_key"]!.GetValue<string>();
        string key;
        await using (var portal = await PortalProcess.ServeAsync(data, settings))
        {
            var client = new Client(portal.Client, managementKey);
            var quotas = new JsonArray(new JsonObject { ["period"] = "month", ["limit"] = 1_000_000 });
            key = (await client.PostAsync(Client.Keys, new JsonObject { ["name"] = "Metered", ["quotas"] = quotas })).Is(HttpStatusCode.Created).Text("key");
            await UseAsync(client, key, 50);
            await Task.Delay(TimeSpan.FromSeconds(1.5));
            await UseAsync(client, key, 20);
            await portal.KillAsync();
        }

        // The first fifty at least, which were older than a second.
        var known = await WrittenAsync(data);
        known.ShouldBeInRange(50, 70);
        await using (var again = await PortalProcess.ServeAsync(data, settings))
        {
            await UseAsync(new Client(again.Client, managementKey), key, 5);
            (await again.StopAsync()).ShouldBe(0);
        }

        (await WrittenAsync(data)).ShouldBe(known + 5);
    }

    private static async Task UseAsync(Client client, string key, int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            (await client.PostAsync($"{Client.Keys}/validate", new JsonObject { ["key"] = key })).Is(HttpStatusCode.OK).Code.ShouldBe("valid");
        }
    }

    private static async Task<long> WrittenAsync(string data)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(data, "usage.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT \"Used\" FROM quota_uses";
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<IssuedKey> LimitedAsync(Portal portal, Actor owner, params QuotaInput[] quotas) =>
        await portal.KeyAsync(owner, with: i => i with { Quotas = quotas });

    private static async Task ChangeAsync(Portal portal, Actor owner, IssuedKey key, Func<KeyInput, KeyInput> change) =>
        (await portal.Get<KeyEditing>().EditAsync(owner, key.Key.Id, change)).Refusal.ShouldBeNull();

    private static ValueTask<ValidationResult> AskAsync(Portal portal, string organization, IssuedKey key) =>
        portal.Get<KeyValidator>().ValidateAsync(organization, new ValidationRequest { Key = key.Plaintext.Expose() });

    private static async Task<int> PassAsync(Portal portal, string organization, IssuedKey key, int calls)
    {
        var passed = 0;
        for (var i = 0; i < calls; i++)
        {
            passed += (await AskAsync(portal, organization, key)).IsValid ? 1 : 0;
        }

        return passed;
    }
}
