using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Tests.Limits;
using KeyPortal.Tests.Support;
using KeyPortal.Usage;

namespace KeyPortal.Tests.Usage;

public sealed class DemandQueriesTests : IAsyncLifetime
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly Portal _portal = new();
    private Cast _cast = null!;
    private IssuedKey _key = null!;

    private DemandQueries Queries => _portal.Get<DemandQueries>();

    private DateTimeOffset Now => _portal.Clock.Now;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _key = await _portal.LimitedKeyAsync(_cast.Dora, "A key", LimitedCalls.OneAnHour);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Demand_is_what_passed_and_what_only_limits_refused_minute_by_minute()
    {
        await _portal.CallAsync(_key, 3);
        _portal.Calls(_cast.AcmeId, _key.Key.Id, 9, ValidationCode.InsufficientScope);
        _portal.Clock.Advance(TimeSpan.FromMinutes(2));
        await _portal.CallAsync(_key, 2);
        _portal.Calls(_cast.AcmeId, _key.Key.Id, 1, ValidationCode.QuotaExceeded);

        var series = (await Queries.OfKeyAsync(_cast.Dora, _key.Key.Id, Hour)).Value;

        (series.KeyId, series.Calls, series.Limited).ShouldBe((_key.Key.Id, 6, 5));
        series.Minutes.ShouldBe([new MinuteDemand(Now.AddMinutes(-2), 3), new MinuteDemand(Now, 3)]);
    }

    [Fact]
    public async Task Both_secrets_of_a_rotating_key_are_one_demand()
    {
        await _portal.CallAsync(_key, 1);
        var rotated = (await _portal.Get<KeyRotation>().RotateAsync(_cast.Dora, _key.Key.Id, new RotationInput(Hour))).Value;
        await _portal.CallAsync(rotated, 2);
        await _portal.CallAsync(_key, 4);

        (await Queries.OfKeyAsync(_cast.Dora, _key.Key.Id, Hour)).Value.Minutes.ShouldHaveSingleItem().Calls.ShouldBe(7);
    }

    [Fact]
    public async Task It_reaches_back_as_far_as_asked_and_seven_days_at_most()
    {
        _portal.Calls(_cast.AcmeId, _key.Key.Id, 1, at: Now.AddMinutes(-30));
        _portal.Calls(_cast.AcmeId, _key.Key.Id, 2, at: Now.AddMinutes(-90));
        _portal.Calls(_cast.AcmeId, _key.Key.Id, 4, at: Now.AddDays(-7).AddMinutes(1));
        _portal.Calls(_cast.AcmeId, _key.Key.Id, 8, at: Now.AddDays(-7).AddMinutes(-1));

        async Task<long> CallsIn(TimeSpan span) => (await Queries.OfKeyAsync(_cast.Dora, _key.Key.Id, span)).Value.Calls;

        (await CallsIn(Hour), await CallsIn(2 * Hour), await CallsIn(DemandQueries.Longest), await CallsIn(TimeSpan.FromDays(300))).ShouldBe((1, 3, 7, 7));
    }

    [Fact]
    public async Task A_key_that_was_not_called_has_an_empty_series()
    {
        var series = (await Queries.OfKeyAsync(_cast.Dora, _key.Key.Id, Hour)).Value;

        (series.Calls, series.Limited, series.Minutes.Count).ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task The_busiest_come_first_and_only_so_many()
    {
        var keys = await _portal.ManyKeysAsync(_cast.Alice, 4);
        for (var i = 0; i < keys.Count; i++)
        {
            _portal.Calls(_cast.AcmeId, keys[i], 10 * (i + 1), i == 3 ? ValidationCode.RateLimited : ValidationCode.Valid);
        }

        _portal.Calls(_cast.AcmeId, keys[0], 500, ValidationCode.IpNotAllowed);
        _portal.Calls(_cast.AcmeId, null, 500, ValidationCode.Malformed);

        var busiest = (await Queries.BusiestAsync(_cast.Alice, Hour, 3)).Value;

        busiest.Select(b => (b.KeyId, b.Calls, b.Limited)).ShouldBe([(keys[3], 40, 40), (keys[2], 30, 0), (keys[1], 20, 0)]);
    }

    [Fact]
    public async Task A_developer_sees_their_own_an_auditor_all_and_another_organization_none()
    {
        var his = await _portal.KeyAsync(_cast.Dan);
        await _portal.CallAsync(_key);
        await _portal.CallAsync(his);

        async Task<IEnumerable<string>> SeenBy(Actor actor) => (await Queries.BusiestAsync(actor, Hour, 10)).Value.Select(b => b.KeyId);

        (await SeenBy(_cast.Dora)).ShouldBe([_key.Key.Id]);
        (await SeenBy(_cast.Audrey)).ShouldBe([_key.Key.Id, his.Key.Id], ignoreOrder: true);
        (await SeenBy(_cast.Olaf)).ShouldBeEmpty();
        (await Queries.OfKeyAsync(_cast.Dan, _key.Key.Id, Hour)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await Queries.OfKeyAsync(_cast.Olaf, _key.Key.Id, Hour)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
    }
}
