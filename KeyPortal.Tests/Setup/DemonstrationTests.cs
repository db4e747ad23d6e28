using System.Text;
using System.Text.Json;
using KeyPortal.Access;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Setup;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;
using KeyPortal.Validation;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Setup;

public sealed class DemonstrationTests(FilledPortal filled) : IClassFixture<FilledPortal>
{
    private Portal Portal => filled.Portal;

    [Fact]
    public async Task Its_three_people_sign_in_with_the_passwords_it_returns()
    {
        var demonstration = filled.SignIn;

        demonstration.People.Select(p => p.Role).ShouldBe([Role.Owner, Role.Admin, Role.Developer]);
        foreach (var person in demonstration.People)
        {
            var signedIn = await Portal.Get<SignIn>().WithPasswordAsync(person.Email, person.Password, SessionKind.Browser, Origin.None);
            signedIn.Outcome.ShouldBe(SignInOutcome.SignedIn);
            var place = await Portal.Get<Membership>().FindAsync(signedIn.Session!.UserId, signedIn.Session.OrganizationId);
            place.ShouldNotBeNull();
            (place.Name, place.Role, place.MemberName).ShouldBe((Demonstration.OrganizationName, person.Role, person.Name));
        }

        demonstration.People.Select(p => p.Password).ShouldBeUnique();
        demonstration.ToString().ShouldNotContain(demonstration.People[0].Password);
        JsonSerializer.Serialize(demonstration).ShouldNotContain(demonstration.People[0].Password);
    }

    [Fact]
    public async Task Its_audit_log_has_no_gap_and_its_instants_never_run_backwards()
    {
        var demonstration = filled.SignIn;

        await using var db = Portal.OpenDb();
        var entries = await db.Set<AuditEntry>().OrderBy(e => e.Index).ToListAsync();
        entries.Select(e => e.Index).ShouldBe(Enumerable.Range(0, entries.Count).Select(i => (long)i));
        entries.Zip(entries.Skip(1)).ShouldAllBe(pair => pair.First.At <= pair.Second.At);
        entries[^1].At.ShouldBeLessThanOrEqualTo(Portal.Clock.Now);
        string[] expected = ["organization.created", "member.joined", "key.created", "key.revealed", "key.updated", "key.disabled", "key.enabled", "key.revoked", "key.retired", "key.rotated",
            "session.started", "session.refused", "session.ended", "permission.refused", "second_factor.added", "second_factor.reset"];
        entries.Select(e => e.Action).Distinct().ShouldBe(expected, ignoreOrder: true);
        var keys = await db.Set<ApiKey>().CountAsync();
        entries.Count(e => e.Action == "key.created").ShouldBe(keys);
        var log = string.Join('\n', entries.Select(e => Encoding.UTF8.GetString(e.Bytes)));
        demonstration.People.ShouldAllBe(p => !log.Contains(p.Password) && !log.Contains(p.Email));
    }

    [Fact]
    public async Task Its_keys_are_in_every_state_but_waiting_for_approval()
    {
        var owner = await OwnerAsync(Portal);
        var now = Portal.Clock.Now;

        var keys = (await Portal.Get<KeyQueries>().ListAsync(owner, new KeyFilter(), 100, null)).Value.Items;

        keys.Count.ShouldBeGreaterThanOrEqualTo(12);
        foreach (var status in Enum.GetValues<KeyStatus>().Except([KeyStatus.Pending]))
        {
            keys.ShouldContain(k => k.Status == status);
        }

        KeyView Key(string name) => keys.Single(k => k.Name == name);
        ((now - Key("Old partner feed").LastUsedAt)!.Value.Days).ShouldBeInRange(63, 64);
        Key("Old partner feed").Status.ShouldBe(KeyStatus.Disabled);
        (Key("Nightly reconciliation").ExpiresAt - now)!.Value.Days.ShouldBe(3);
        (Key("Leaked in a notebook").Status, Key("Leaked in a notebook").RevocationReason).ShouldBe((KeyStatus.Revoked, RevocationReason.KeyCompromise));
        Key("Disaster recovery drill").LastUsedAt.ShouldBeNull();
        (Key("Checkout frontend").Type, Key("Checkout frontend").ExpiresAt).ShouldBe((KeyType.Publishable, null));
        Key("Staging smoke tests").Environment.ShouldBe(KeyEnvironment.Test);
        keys.ShouldAllBe(k => k.LastUsedAt == null || (k.LastUsedAt > k.CreatedAt && k.LastUsedAt <= now && k.LastUsedIp != null));
        keys.Count(k => k.CreatedAt > now.AddDays(-7)).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Its_usage_fills_thirty_days_by_the_million_and_tells_of_refusals()
    {
        var owner = await OwnerAsync(Portal);
        var queries = Portal.Get<UsageQueries>();

        var month = (await queries.SeriesAsync(owner, UsagePeriod.Days30)).Value;
        month.Buckets.ShouldAllBe(b => b.Valid > 1000);
        month.Totals.Calls.ShouldBeGreaterThan(2_000_000);
        month.Totals.RefusedShare!.Value.ShouldBeInRange(0.002, 0.05);
        (await queries.SeriesAsync(owner, UsagePeriod.Hours24)).Value.Buckets.SkipLast(1).ShouldAllBe(b => b.Calls > 0);
        (await queries.SeriesAsync(owner, UsagePeriod.Days7)).Value.Totals.Calls.ShouldBeLessThan(month.Totals.Calls);
        (await queries.RefusalsAsync(owner, UsagePeriod.Days30)).Value.Count.ShouldBeGreaterThanOrEqualTo(8);
        (await queries.BusiestKeysAsync(owner, UsagePeriod.Hours24, 5)).Value.Count.ShouldBe(5);
        (await queries.SummaryAsync(owner, UsagePeriod.Days7)).Value.CallsChange.ShouldNotBeNull();

        await using var db = Portal.Get<IDbContextFactory<UsageDb>>().CreateDbContext();
        (await db.Set<MinuteRollup>().MaxAsync(r => r.Minute)).ShouldBeLessThanOrEqualTo(UsageTime.MinuteOf(Portal.Clock.Now));
        (await db.Set<HourRollup>().MinAsync(r => r.Hour)).ShouldBeGreaterThanOrEqualTo(UsageTime.HourOf(Portal.Clock.Now.AddDays(-31)));
    }

    [Fact]
    public async Task It_shows_what_a_change_would_have_refused()
    {
        var owner = await OwnerAsync(Portal);
        var webhooks = (await Portal.Get<KeyQueries>().ListAsync(owner, new KeyFilter { Search = "Production webhook server" }, 1, null)).Value.Items.Single();

        var effect = (await Portal.Get<ChangePreview>().PreviewAsync(owner, webhooks.Id, [.. webhooks.Scopes.Except(["triggers:write"])], ["198.51.100.17"])).Value;

        effect.Calls.ShouldBeGreaterThan(300_000);
        effect.ByScope.Top.ShouldHaveSingleItem().Named.ShouldBe("triggers:write");
        effect.ByAddress.Top.ShouldHaveSingleItem().Named.ShouldBe("198.51.100.200");
        effect.ByAddress.Count.ShouldBeInRange(effect.Calls / 50, effect.Calls / 20);
        (effect.ByScope.Unknown, effect.ByAddress.Unknown).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Its_keys_ran_into_limits_as_often_as_their_calls_were_refused_for_it()
    {
        var owner = await OwnerAsync(Portal);
        var now = Portal.Clock.Now;
        var queries = Portal.Get<ViolationQueries>();

        var day = (await queries.ListAsync(owner, now.AddDays(-1))).Value;
        var month = (await queries.ListAsync(owner, now.AddDays(-30))).Value;

        day.Items.Select(v => v.KeyId).Distinct().Count().ShouldBeGreaterThanOrEqualTo(2);
        month.Total.ShouldBeInRange(day.Total + 3, 50);
        month.Items.Select(v => v.LimitName).Distinct().ShouldBe(["deploy", "scores", "requests", "quota-day"], ignoreOrder: true);
        month.Items.ShouldAllBe(v => v.StartedAt < v.LastAt && v.LastAt <= now && v.Addresses.Count > 0 && v.Addresses.Sum(a => a.Count) == v.Refused);
        var summed = (await queries.SummaryAsync(owner, now.AddDays(-30))).Value;
        summed.ShouldBe(new ViolationSummary(month.Items.Select(v => v.KeyId).Distinct().Count(), month.Items.Sum(v => v.Refused)));
    }

    [Fact]
    public async Task Its_busy_keys_have_headroom_or_none_or_no_limits()
    {
        var busiest = (await Portal.Get<LimitPreview>().BusiestAsync(await OwnerAsync(Portal), 20)).Value;

        busiest.Single(k => k.KeyName == "Fraud scoring").HeadroomPercent.ShouldBe(0);
        busiest.Single(k => k.KeyName == "Mobile app").PeakPercent.ShouldBeInRange(20, 99);
        busiest.Single(k => k.KeyName == "Checkout frontend").Tightest.ShouldBeNull();
    }

    [Fact]
    public async Task No_key_has_a_valid_call_before_it_was_made_or_after_it_ended()
    {
        await using var main = Portal.OpenDb();
        var keys = await main.Set<ApiKey>().ToDictionaryAsync(k => k.Id);
        await using var db = Portal.Get<IDbContextFactory<UsageDb>>().CreateDbContext();

        foreach (var row in await db.Set<HourRollup>().Where(r => r.Code == ValidationCode.Valid).ToListAsync())
        {
            var key = keys[row.KeyId];
            row.Hour.ShouldBeGreaterThanOrEqualTo(UsageTime.HourOf(key.CreatedAt));
            row.Hour.ShouldBeLessThanOrEqualTo(UsageTime.HourOf(key.RevokedAt ?? key.ExpiresAt ?? Portal.Clock.Now));
            key.DisabledAt.ShouldBeNull();
        }
    }

    [Fact]
    public async Task An_instance_that_is_someones_already_is_left_alone()
    {
        await using var portal = new Portal();
        await Cast.EnterAsync(portal);
        await using var db = portal.OpenDb();
        var before = await db.Set<Member>().CountAsync();

        await Should.ThrowAsync<InvalidOperationException>(() => portal.Get<Demonstration>().FillAsync());

        (await db.Set<Member>().CountAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task Settings_that_forbid_such_keys_do_not_hinder_it()
    {
        await using var portal = new Portal(("KeyPortal:Policy:NeverExpiresAllowed", "false"), ("KeyPortal:Policy:KeysPerMember", "1"), ("KeyPortal:Policy:MaxLifetimeSeconds", "60"));
        (await portal.Get<Demonstration>().FillAsync()).People.Count.ShouldBe(3);
    }

    private static async Task<Actor> OwnerAsync(Portal portal)
    {
        await using var db = portal.OpenDb();
        var member = await db.Set<Member>().SingleAsync(m => m.Role == Role.Owner);
        return CurrentMember.ActorOf(new OrganizationView(member.OrganizationId, Demonstration.OrganizationName, member.Role, member.Name, member.UserId), Origin.None);
    }
}

/// <summary>A demonstration that all tests of a class look at and none changes but by signing in.</summary>
public sealed class FilledPortal : IAsyncLifetime
{
    public Portal Portal { get; } = new();

    public DemonstrationSignIn SignIn { get; private set; } = null!;

    public async ValueTask InitializeAsync() => SignIn = await Portal.Get<Demonstration>().FillAsync();

    public ValueTask DisposeAsync() => Portal.DisposeAsync();
}
