using KeyPortal.Keys;
using KeyPortal.Limits;
using KeyPortal.Primitives;
using KeyPortal.Tests.Limits;
using KeyPortal.Tests.Support;
using KeyPortal.Tests.Usage;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Validation;

public sealed class LimitPreviewTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;
    private IssuedKey _key = null!;

    private DateTimeOffset Now => _portal.Clock.Now;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _key = await _portal.KeyAsync(_cast.Dora, "Hers");
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task It_tells_how_many_calls_limits_would_have_refused_and_when_last()
    {
        Past(100, TimeSpan.FromDays(6));
        Past(50, TimeSpan.FromDays(3));
        Past(90, TimeSpan.FromDays(2));

        var use = await PreviewAsync(Wanted(60));

        (use.Calls, use.Refused, use.RefusedMinutes, use.LastRefusedAt).ShouldBe((240, 70, 2, Now.AddDays(-2)));
        (await PreviewAsync(Wanted(100))).Refused.ShouldBe(0);
    }

    [Fact]
    public async Task Calls_that_limits_refused_count_as_asked_for_and_those_older_than_seven_days_do_not()
    {
        Past(40, TimeSpan.FromDays(1));
        Past(40, TimeSpan.FromDays(1), ValidationCode.RateLimited);
        Past(500, TimeSpan.FromDays(7) + TimeSpan.FromMinutes(2));

        var use = await PreviewAsync(Wanted(60));

        (use.Calls, use.Refused).ShouldBe((80, 20));
    }

    [Fact]
    public async Task A_tier_is_held_too_and_a_limit_of_the_same_name_stands_in_its_place()
    {
        Past(1_000, TimeSpan.FromHours(2));

        var tiered = await PreviewAsync(new WantedLimits([], [], "free"));
        var own = await PreviewAsync(new WantedLimits([new RateLimitInput("burst", "token_bucket", 5_000, 60)], [], "free"));

        tiered.Refused.ShouldBeInRange(880, 885);
        own.Refused.ShouldBe(0);
        own.Peaks.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Without_a_tier_the_organizations_default_holds_and_unlimited_is_exempt()
    {
        await _portal.DefaultTierAsync(_cast.Alice, "free");
        Past(1_000, TimeSpan.FromHours(2));

        (await PreviewAsync(new WantedLimits([], [], null))).Refused.ShouldBeGreaterThan(800);
        (await PreviewAsync(new WantedLimits([], [], TierList.Unlimited))).Refused.ShouldBe(0);
    }

    [Fact]
    public async Task Limits_that_break_a_rule_are_refused_each_with_its_place()
    {
        var wanted = new WantedLimits([new RateLimitInput("burst", "token_bucket", 10, 60), new RateLimitInput("other", "token_bucket", 0, 60)], [new QuotaInput("fortnight", 5)], "gold");

        var refusal = (await _portal.Get<LimitPreview>().PreviewAsync(_cast.Dora, _key.Key.Id, wanted)).Refusal;

        refusal!.Errors.Select(e => e.Pointer).ShouldBe(["/rate_limits/1/limit", "/quotas/0/period", "/tier"]);
    }

    [Fact]
    public async Task Another_members_key_and_another_organizations_do_not_exist()
    {
        var preview = _portal.Get<LimitPreview>();

        (await preview.PreviewAsync(_cast.Dan, _key.Key.Id, Wanted(1))).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await preview.PreviewAsync(_cast.Olaf, _key.Key.Id, Wanted(1))).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await preview.PreviewAsync(_cast.Audrey, _key.Key.Id, Wanted(1))).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Busy_keys_show_the_limit_they_came_closest_to()
    {
        var wide = await _portal.LimitedKeyAsync(_cast.Alice, "Wide", new RateLimitInput("minute", "fixed_window", 100, 60), new RateLimitInput("hour", "fixed_window", 90, 3_600));
        var spent = await _portal.LimitedKeyAsync(_cast.Alice, "Spent", new RateLimitInput("minute", "fixed_window", 10, 60));
        _portal.Calls(_cast.AcmeId, wide.Key.Id, 45);
        _portal.Calls(_cast.AcmeId, spent.Key.Id, 10);
        _portal.Calls(_cast.AcmeId, spent.Key.Id, 20, ValidationCode.RateLimited);
        Past(5, TimeSpan.Zero);

        var busiest = (await _portal.Get<LimitPreview>().BusiestAsync(_cast.Alice, 10)).Value;

        busiest.Select(b => (b.KeyName, b.Calls, b.Limited, b.Tightest, b.PeakPercent, b.HeadroomPercent)).ShouldBe(
            [("Wide", 45, 0, "hour", 50, 50), ("Spent", 30, 20, "minute", 100, 0), ("Hers", 5, 0, null, 0, 100)]);
    }

    [Fact]
    public async Task Only_a_day_counts_and_only_what_the_actor_may_see()
    {
        Past(5, TimeSpan.FromHours(23));
        Past(500, TimeSpan.FromHours(25));
        var his = await _portal.KeyAsync(_cast.Dan, "His");
        _portal.Calls(_cast.AcmeId, his.Key.Id, 7);

        async Task<IEnumerable<(string, long)>> SeenBy(Actor actor) => (await _portal.Get<LimitPreview>().BusiestAsync(actor, 10)).Value.Select(b => (b.KeyName, b.Calls));

        (await SeenBy(_cast.Audrey)).ShouldBe([("His", 7), ("Hers", 5)]);
        (await SeenBy(_cast.Dora)).ShouldBe([("Hers", 5)]);
        (await SeenBy(_cast.Olaf)).ShouldBeEmpty();
    }

    private static WantedLimits Wanted(long perMinute) => new([new RateLimitInput("minute", "fixed_window", perMinute, 60)], [], null);

    private void Past(int calls, TimeSpan ago, ValidationCode code = ValidationCode.Valid) => _portal.Calls(_cast.AcmeId, _key.Key.Id, calls, code, Now - ago);

    private async Task<SimulatedUse> PreviewAsync(WantedLimits wanted) => (await _portal.Get<LimitPreview>().PreviewAsync(_cast.Dora, _key.Key.Id, wanted)).Value;
}
