using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;

namespace KeyPortal.Tests.Usage;

public sealed class UsageQueriesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 9, 41, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_call_is_in_the_running_bucket_of_every_period_at_once()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        portal.Clock.Set(Now);
        foreach (var period in UsagePeriod.All)
        {
            portal.Calls(cast.AcmeId, null, 1, ValidationCode.NotFound);
            var series = (await portal.Get<UsageQueries>().SeriesAsync(cast.Alice, period)).Value;
            series.Buckets.Count.ShouldBe(period.Buckets);
            series.Buckets[^1].Refused.ShouldBe(UsagePeriod.All.ToList().IndexOf(period) + 1);
            series.Buckets.SkipLast(1).ShouldAllBe(b => b.Calls == 0);
            series.Buckets[^1].From.ShouldBeLessThanOrEqualTo(Now);
            series.Buckets[^1].To.ShouldBeGreaterThan(Now);
            series.Buckets.Zip(series.Buckets.Skip(1)).ShouldAllBe(pair => pair.First.To == pair.Second.From);
        }
    }

    [Theory]
    [InlineData("24h", "2026-11-20T10:00:00Z", 30)]
    [InlineData("7d", "2026-11-14T12:00:00Z", 180)]
    [InlineData("30d", "2026-10-23T00:00:00Z", 1440)]
    [InlineData("90d", "2026-08-24T00:00:00Z", 1440)]
    public async Task The_first_bucket_takes_its_first_minute_and_nothing_before_it(string name, string from, int width)
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        portal.Clock.Set(Now);
        UsagePeriod.TryParse(name, out var period).ShouldBeTrue();
        var start = DateTimeOffset.Parse(from);
        portal.Calls(cast.AcmeId, null, 1, ValidationCode.NotFound, start.AddMinutes(-1));
        portal.Calls(cast.AcmeId, null, 2, ValidationCode.NotFound, start);
        portal.Calls(cast.AcmeId, null, 4, ValidationCode.NotFound, start.AddMinutes(width - 1));
        portal.Calls(cast.AcmeId, null, 8, ValidationCode.NotFound, start.AddMinutes(width));

        var buckets = (await portal.Get<UsageQueries>().SeriesAsync(cast.Alice, period!)).Value.Buckets;

        buckets[0].From.ShouldBe(start);
        buckets.Take(3).Select(b => b.Calls).ShouldBe([6, 8, 0]);
        (await portal.Get<UsageQueries>().SummaryAsync(cast.Alice, period!)).Value.Current.Calls.ShouldBe(14);
    }

    [Fact]
    public async Task A_bucket_tells_valid_calls_from_refused_ones_and_these_by_code()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = (await portal.KeyAsync(cast.Alice)).Key;
        portal.Calls(cast.AcmeId, key.Id, 5);
        portal.Calls(cast.AcmeId, key.Id, 2, ValidationCode.IpNotAllowed);
        portal.Calls(cast.AcmeId, null, 1, ValidationCode.Malformed);

        var last = (await portal.Get<UsageQueries>().SeriesAsync(cast.Alice, UsagePeriod.Hours24)).Value.Buckets[^1];

        (last.Calls, last.Valid, last.Refused).ShouldBe((8, 5, 3));
        last.ByCode.ShouldBe(new Dictionary<ValidationCode, long> { [ValidationCode.Valid] = 5, [ValidationCode.IpNotAllowed] = 2, [ValidationCode.Malformed] = 1 }, ignoreOrder: true);
        (await portal.Get<UsageQueries>().SeriesAsync(cast.Alice, UsagePeriod.Hours24, key.Id)).Value.Totals.ShouldBe(new UsageTotals(7, 2));
    }

    [Fact]
    public async Task The_period_before_ends_where_it_was_as_far_on_as_this_one_is_now()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        portal.Clock.Set(Now);
        portal.Calls(cast.AcmeId, null, 30, ValidationCode.NotFound);
        portal.Calls(cast.AcmeId, null, 3, ValidationCode.NotFound, Now.AddDays(-1).AddMinutes(-1));
        portal.Calls(cast.AcmeId, null, 1000, ValidationCode.NotFound, Now.AddDays(-1).AddMinutes(1));
        var start = UsagePeriod.Hours24.StartAt(Now);
        portal.Calls(cast.AcmeId, null, 7, ValidationCode.NotFound, start.AddDays(-1));
        portal.Calls(cast.AcmeId, null, 5000, ValidationCode.NotFound, start.AddDays(-1).AddMinutes(-1));

        var summary = (await portal.Get<UsageQueries>().SummaryAsync(cast.Alice, UsagePeriod.Hours24)).Value;

        summary.Current.ShouldBe(new UsageTotals(30, 30));
        summary.Previous.ShouldBe(new UsageTotals(10, 10));
        summary.CallsChange.ShouldBe(2);
        summary.RefusedShareChange.ShouldBe(0);
    }

    [Fact]
    public async Task Without_calls_there_is_no_share_and_no_change()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var summary = (await portal.Get<UsageQueries>().SummaryAsync(cast.Alice, UsagePeriod.Days30)).Value;
        (summary.Current.RefusedShare, summary.CallsChange, summary.RefusedShareChange).ShouldBe((null, null, null));
    }

    [Fact]
    public async Task The_busiest_keys_come_first_and_refusals_name_the_keys_they_met()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var quiet = (await portal.KeyAsync(cast.Alice, "Quiet")).Key.Id;
        var busy = (await portal.KeyAsync(cast.Andy, "Busy")).Key.Id;
        portal.Calls(cast.AcmeId, busy, 50);
        portal.Calls(cast.AcmeId, busy, 1, ValidationCode.Expired);
        portal.Calls(cast.AcmeId, quiet, 10);
        portal.Calls(cast.AcmeId, quiet, 3, ValidationCode.Expired);
        portal.Calls(cast.AcmeId, null, 9, ValidationCode.NotFound);
        var queries = portal.Get<UsageQueries>();

        (await queries.BusiestKeysAsync(cast.Alice, UsagePeriod.Days7, 5)).Value.ShouldBe([new KeyUsage(busy, 51, 1), new KeyUsage(quiet, 13, 3)]);
        (await queries.BusiestKeysAsync(cast.Alice, UsagePeriod.Days7, 1)).Value.Count.ShouldBe(1);
        var refusals = (await queries.RefusalsAsync(cast.Alice, UsagePeriod.Hours24)).Value;
        refusals.Select(r => (r.Code, r.Count)).ShouldBe([(ValidationCode.NotFound, 9), (ValidationCode.Expired, 4)]);
        refusals[0].TopKeys.ShouldBeEmpty();
        refusals[1].TopKeys.ShouldBe([new KeyUsage(quiet, 3, 3), new KeyUsage(busy, 1, 1)]);
        (await queries.RefusalsAsync(cast.Alice, UsagePeriod.Hours24, busy)).Value.Select(r => (r.Code, r.Count)).ShouldBe([(ValidationCode.Expired, 1)]);
    }

    [Fact]
    public async Task Sparklines_have_a_point_for_every_six_hours_of_a_week()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        portal.Clock.Set(Now);
        var key = (await portal.KeyAsync(cast.Alice)).Key.Id;
        var idle = (await portal.KeyAsync(cast.Alice, "Idle")).Key.Id;
        portal.Calls(cast.AcmeId, key, 3, at: new DateTimeOffset(2026, 11, 14, 12, 0, 0, TimeSpan.Zero));
        portal.Calls(cast.AcmeId, key, 100, at: new DateTimeOffset(2026, 11, 14, 11, 59, 0, TimeSpan.Zero));
        portal.Calls(cast.AcmeId, key, 2, ValidationCode.Revoked);

        var lines = (await portal.Get<UsageQueries>().SparklinesAsync(cast.Alice, [key, idle])).Value;

        lines[key].ShouldBe([3, .. Enumerable.Repeat(0L, UsageQueries.SparklinePoints - 2), 2]);
        lines[idle].ShouldBe(Enumerable.Repeat(0L, UsageQueries.SparklinePoints));
    }

    [Fact]
    public async Task A_developer_sees_the_usage_of_their_own_keys_only()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var own = (await portal.KeyAsync(cast.Dora)).Key.Id;
        var other = (await portal.KeyAsync(cast.Dan)).Key.Id;
        portal.Calls(cast.AcmeId, own, 2);
        portal.Calls(cast.AcmeId, other, 40);
        portal.Calls(cast.AcmeId, null, 500, ValidationCode.Malformed);
        var queries = portal.Get<UsageQueries>();

        (await queries.SummaryAsync(cast.Dora, UsagePeriod.Hours24)).Value.Current.Calls.ShouldBe(2);
        (await queries.SeriesAsync(cast.Dora, UsagePeriod.Days7)).Value.Totals.Calls.ShouldBe(2);
        (await queries.BusiestKeysAsync(cast.Dora, UsagePeriod.Hours24, 5)).Value.Select(k => k.KeyId).ShouldBe([own]);
        (await queries.RefusalsAsync(cast.Dora, UsagePeriod.Hours24)).Value.ShouldBeEmpty();
        (await queries.SparklinesAsync(cast.Dora, [own, other])).Value.Keys.ShouldBe([own]);
        (await queries.SeriesAsync(cast.Dora, UsagePeriod.Hours24, other)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await queries.SeriesAsync(cast.Dora, UsagePeriod.Hours24, own)).Value.Totals.Calls.ShouldBe(2);
    }

    [Fact]
    public async Task Another_organization_sees_nothing()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = (await portal.KeyAsync(cast.Alice)).Key.Id;
        portal.Calls(cast.AcmeId, key, 5);
        portal.Calls(cast.AcmeId, null, 5, ValidationCode.NotFound);
        var queries = portal.Get<UsageQueries>();

        (await queries.SummaryAsync(cast.Olaf, UsagePeriod.Hours24)).Value.Current.Calls.ShouldBe(0);
        (await queries.BusiestKeysAsync(cast.Olaf, UsagePeriod.Hours24, 5)).Value.ShouldBeEmpty();
        (await queries.SparklinesAsync(cast.Olaf, [key])).Value.SelectMany(l => l.Value).Sum().ShouldBe(0);
        (await queries.SummaryAsync(cast.Olaf, UsagePeriod.Hours24, key)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
    }

    [Fact]
    public async Task A_key_without_the_scope_may_not_read_usage()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var caller = cast.Alice with { Type = ActorType.ApiKey, Scopes = [OwnScopes.ApiKeysValidate] };
        var queries = portal.Get<UsageQueries>();

        (await queries.SeriesAsync(caller, UsagePeriod.Hours24)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await queries.SummaryAsync(caller, UsagePeriod.Hours24)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await queries.BusiestKeysAsync(caller, UsagePeriod.Hours24, 5)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await queries.RefusalsAsync(caller, UsagePeriod.Hours24)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await queries.SparklinesAsync(caller, [])).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("24H")]
    [InlineData("1d")]
    public void Anything_but_the_four_names_is_no_period(string? text) => UsagePeriod.TryParse(text, out _).ShouldBeFalse();
}
