using System.Net;
using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Primitives;
using KeyPortal.Tests.Limits;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;

namespace KeyPortal.Tests.Usage;

public sealed class ViolationQueriesTests : IAsyncLifetime
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly Portal _portal = new();
    private Cast _cast = null!;

    private ViolationQueries Queries => _portal.Get<ViolationQueries>();

    private DateTimeOffset Now => _portal.Clock.Now;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task A_violation_says_which_key_and_limit_when_how_often_and_from_where()
    {
        var key = await _portal.LimitedKeyAsync(_cast.Dora, "A key", LimitedCalls.OneAnHour);
        await _portal.CallAsync(key);
        var began = Now;
        await _portal.CallAsync(key, 2, "203.0.113.9");
        _portal.Clock.Advance(TimeSpan.FromSeconds(40));
        await _portal.CallAsync(key, 1, "198.51.100.7");

        var page = (await Queries.ListAsync(_cast.Dora, Now - Day)).Value;

        page.Total.ShouldBe(1);
        var violation = page.Items.ShouldHaveSingleItem();
        (violation.KeyId, violation.LimitName, violation.StartedAt, violation.LastAt, violation.Refused).ShouldBe((key.Key.Id, "hourly", began, Now, 3));
        violation.Addresses.ShouldBe([new AddressCount("203.0.113.9", 2), new AddressCount("198.51.100.7", 1)]);
    }

    [Fact]
    public async Task They_are_listed_the_latest_to_begin_first_and_a_page_at_a_time()
    {
        await ViolateAsync(await _portal.LimitedKeyAsync(_cast.Dora, "A key", LimitedCalls.OneAnHour), times: 5);
        List<LimitViolation> seen = [];
        string? cursor = null;
        do
        {
            var page = (await Queries.ListAsync(_cast.Alice, Now - Day, limit: 2, cursor: cursor)).Value;
            page.Total.ShouldBe(5);
            page.Items.Count.ShouldBeLessThanOrEqualTo(2);
            seen.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        seen.Select(v => v.StartedAt).ShouldBe(seen.Select(v => v.StartedAt).Distinct().OrderDescending());
        seen.Count.ShouldBe(5);
    }

    [Fact]
    public async Task What_begins_meanwhile_neither_repeats_nor_hides_a_row_of_the_next_page()
    {
        var key = await _portal.LimitedKeyAsync(_cast.Dora, "A key", LimitedCalls.OneAnHour);
        await ViolateAsync(key, times: 4);
        var first = (await Queries.ListAsync(_cast.Alice, Now - Day, limit: 2)).Value;
        await ViolateAsync(key, times: 1);

        var second = (await Queries.ListAsync(_cast.Alice, Now - Day, limit: 2, cursor: first.NextCursor)).Value;

        second.Items.Concat(first.Items).Select(v => v.Id).Distinct().Count().ShouldBe(4);
        second.NextCursor.ShouldBeNull();
    }

    [Fact]
    public async Task Those_that_ended_before_are_not_among_them_and_those_that_went_on_are()
    {
        var key = await _portal.LimitedKeyAsync(_cast.Dora, "A key", new RateLimitInput("weekly", "fixed_window", 1, 7 * 86_400));
        await ViolateAsync(key, times: 1);
        await _portal.CallAsync(key);
        _portal.Clock.Advance(TimeSpan.FromSeconds(30));
        await _portal.CallAsync(key);

        (await Queries.ListAsync(_cast.Alice, Now.AddSeconds(-20))).Value.Items.ShouldHaveSingleItem().Refused.ShouldBe(2);
        (await Queries.ListAsync(_cast.Alice, Now.AddMilliseconds(1))).Value.Items.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("")]
    [InlineData("WyJhIl0")]
    public async Task A_cursor_that_is_none_is_refused(string cursor)
    {
        var refusal = (await Queries.ListAsync(_cast.Alice, Now - Day, cursor: cursor)).Refusal;

        refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/cursor");
    }

    [Fact]
    public async Task A_developer_sees_their_own_an_auditor_all_and_another_organization_none()
    {
        var (hers, his) = (await _portal.LimitedKeyAsync(_cast.Dora, "Hers", LimitedCalls.OneAnHour), await _portal.LimitedKeyAsync(_cast.Dan, "His", LimitedCalls.OneAnHour));
        await _portal.CallAsync(hers, 3);
        await _portal.CallAsync(his, 5);

        async Task<(string, ViolationSummary)> SeenBy(Actor actor) => (
            string.Join(' ', (await Queries.ListAsync(actor, Now - Day)).Value.Items.Select(v => v.KeyId == hers.Key.Id ? "hers" : "his").Order()),
            (await Queries.SummaryAsync(actor, Now - Day)).Value);

        (await SeenBy(_cast.Dora)).ShouldBe(("hers", new ViolationSummary(1, 2)));
        (await SeenBy(_cast.Dan)).ShouldBe(("his", new ViolationSummary(1, 4)));
        (await SeenBy(_cast.Audrey)).ShouldBe(("hers his", new ViolationSummary(2, 6)));
        (await SeenBy(_cast.Olaf)).ShouldBe(("", new ViolationSummary(0, 0)));
    }

    [Fact]
    public async Task Another_members_key_and_another_organizations_do_not_exist()
    {
        var key = await _portal.LimitedKeyAsync(_cast.Dora, "Hers", LimitedCalls.OneAnHour);
        await _portal.CallAsync(key, 3);

        (await Queries.ListAsync(_cast.Dora, Now - Day, key.Key.Id)).Value.Total.ShouldBe(1);
        foreach (var stranger in new[] { _cast.Dan, _cast.Olaf })
        {
            (await Queries.ListAsync(stranger, Now - Day, key.Key.Id)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
            (await Queries.SummaryAsync(stranger, Now - Day, key.Key.Id)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        }
    }

    [Fact]
    public async Task A_call_that_two_limits_refuse_is_two_violations_and_one_refused_call()
    {
        var key = await _portal.LimitedKeyAsync(_cast.Dora, "A key", LimitedCalls.OneAnHour, new RateLimitInput("daily", "fixed_window", 1, 86_400));
        await _portal.CallAsync(key, 4);

        (await Queries.ListAsync(_cast.Alice, Now - Day)).Value.Items.Select(v => (v.LimitName, v.Refused)).ShouldBe([("hourly", 3), ("daily", 3)], ignoreOrder: true);
        (await Queries.SummaryAsync(_cast.Alice, Now - Day)).Value.ShouldBe(new ViolationSummary(1, 3));
    }

    [Fact]
    public async Task A_key_that_calls_keyportal_itself_is_summed_up_too()
    {
        var key = await _portal.KeyAsync(_cast.Dora, "Manager", environment: KeyEnvironment.Live, with: i => i with { Scopes = [OwnScopes.ApiKeysManage.Value], RateLimits = [LimitedCalls.OneAnHour] });
        using var http = _portal.CreateClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", key.Plaintext.Expose());
        foreach (var expected in new[] { HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests })
        {
            using var answer = await http.GetAsync("/api/v1/api-keys");
            answer.StatusCode.ShouldBe(expected);
        }

        (await Queries.ListAsync(_cast.Dora, Now - Day)).Value.Items.ShouldHaveSingleItem().Refused.ShouldBe(2);
        (await Queries.SummaryAsync(_cast.Dora, Now - Day)).Value.ShouldBe(new ViolationSummary(1, 2));
    }

    [Fact]
    public async Task The_sum_counts_by_the_minute_for_a_day_and_by_the_hour_for_longer_and_refusals_by_limits_alone()
    {
        var key = (await _portal.KeyAsync(_cast.Dora)).Key.Id;
        void Refuse(int count, TimeSpan ago, ValidationCode code = ValidationCode.RateLimited) => _portal.Calls(_cast.AcmeId, key, count, code, Now - ago);
        Refuse(1, TimeSpan.FromHours(25));
        Refuse(2, TimeSpan.FromHours(23), ValidationCode.QuotaExceeded);
        Refuse(4, TimeSpan.FromDays(6));
        Refuse(8, TimeSpan.FromDays(29));
        Refuse(16, TimeSpan.FromDays(31));
        Refuse(32, TimeSpan.FromHours(1), ValidationCode.InsufficientScope);

        async Task<long> RefusedIn(int days) => (await Queries.SummaryAsync(_cast.Alice, Now.AddDays(-days))).Value.Refused;

        (await RefusedIn(1), await RefusedIn(7), await RefusedIn(30)).ShouldBe((2, 7, 15));
    }

    /// <summary>Runs the key into its limit so many times, with a pause after each.</summary>
    private async Task ViolateAsync(IssuedKey key, int times)
    {
        await _portal.CallAsync(key);
        for (var i = 0; i < times; i++)
        {
            (await _portal.CallAsync(key)).ShouldBe(0);
            _portal.Clock.Advance(LimitViolation.Gap + TimeSpan.FromSeconds(1));
        }
    }
}
