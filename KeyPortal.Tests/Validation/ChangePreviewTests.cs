using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using KeyPortal.Tests.Usage;
using KeyPortal.Usage;
using KeyPortal.Validation;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Validation;

public sealed class ChangePreviewTests : IAsyncLifetime
{
    private static readonly string[] Both = ["triggers:read", "triggers:write"];

    private readonly Portal _portal = new();
    private Cast _cast = null!;
    private IssuedKey _key = null!;

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _key = await _portal.KeyAsync(_cast.Dora, with: i => i with { Scopes = Both });
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Calls_that_need_a_scope_taken_away_would_have_been_refused_and_others_not()
    {
        await CallAsync(30, "triggers:write");
        await CallAsync(5, "triggers:read");
        await CallAsync(2, "triggers:read OR triggers:write");
        await CallAsync(1, null);

        var effect = await PreviewAsync(["triggers:read"], []);

        (effect.Calls, effect.AtLeast, effect.AtMost).ShouldBe((38, 30, 30));
        effect.ByScope.Top.ShouldBe([new RefusedCause("triggers:write", 30)]);
        effect.ByScope.Unknown.ShouldBe(0);
        effect.ByAddress.ShouldBe(RefusedCalls.None);
    }

    [Fact]
    public async Task A_demand_for_several_scopes_is_put_to_the_matcher_whole()
    {
        await CallAsync(3, "triggers:read AND (triggers:write OR triggers:read)");
        await CallAsync(4, "triggers:write AND triggers:read");

        (await PreviewAsync(["triggers:read"], [])).ByScope.Top.ShouldBe([new RefusedCause("triggers:write and triggers:read", 4)]);
        (await PreviewAsync([], [])).ByScope.Top.Select(c => (c.Named, c.Count))
            .ShouldBe([("triggers:write and triggers:read", 4), ("triggers:read and (triggers:write or triggers:read)", 3)]);
        (await PreviewAsync(["triggers:*"], [])).AtMost.ShouldBe(0);
    }

    [Fact]
    public async Task Calls_from_outside_new_networks_and_those_that_named_no_address_would_have_been_refused()
    {
        await CallAsync(6, null, "10.1.2.3");
        await CallAsync(3, null, "203.0.113.9");
        await CallAsync(2, null, ip: null);
        await CallAsync(1, null, "::ffff:10.9.9.9");

        var effect = await PreviewAsync(Both, ["10.0.0.0/8"]);

        (effect.Calls, effect.AtLeast, effect.AtMost).ShouldBe((12, 5, 5));
        effect.ByAddress.Top.ShouldBe([new RefusedCause("203.0.113.9", 3), new RefusedCause(null, 2)]);
        effect.ByScope.ShouldBe(RefusedCalls.None);
    }

    [Fact]
    public async Task What_the_rules_of_now_refuse_already_is_not_laid_at_the_changes_door()
    {
        await CallAsync(7, "triggers:write", "203.0.113.9");
        await EditAsync(i => i with { Scopes = ["triggers:read"], AllowedIps = ["10.0.0.0/8", "192.0.2.1"] });
        await CallAsync(1, "triggers:read", "192.0.2.1");

        var effect = await PreviewAsync([], ["10.0.0.0/8"]);

        effect.ByScope.Top.ShouldBe([new RefusedCause("triggers:read", 1)]);
        effect.ByAddress.Top.ShouldBe([new RefusedCause("192.0.2.1", 1)]);
    }

    [Fact]
    public async Task A_call_that_fails_both_ways_is_one_call_so_a_range_is_told()
    {
        await CallAsync(4, "triggers:write", "203.0.113.9");
        await CallAsync(1, "triggers:write", "10.0.0.1");

        var effect = await PreviewAsync(["triggers:read"], ["10.0.0.0/8"]);

        (effect.AtLeast, effect.AtMost).ShouldBe((5, 5));
        effect.ByScope.Count.ShouldBe(5);
        effect.ByAddress.Count.ShouldBe(4);
    }

    [Fact]
    public async Task Refused_calls_are_not_among_them()
    {
        await CallAsync(9, "events:read", expected: ValidationCode.InsufficientScope);

        var effect = await PreviewAsync([], []);

        (effect.Calls, effect.AtMost, effect.ByScope.Unknown).ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task Calls_count_for_seven_days()
    {
        await CallAsync(2, "triggers:write");
        _portal.Clock.Advance(TimeSpan.FromDays(KeyTallies.Days) - TimeSpan.FromSeconds(1));
        (await PreviewAsync([], [])).AtMost.ShouldBe(2);

        _portal.Clock.Advance(TimeSpan.FromDays(1));
        var later = await PreviewAsync([], []);

        (later.Calls, later.AtMost, later.ByScope.Unknown).ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task More_demands_than_are_kept_are_said_to_be_unknown_and_never_left_out_of_the_total()
    {
        for (var i = 0; i < CallTally.MostValues + 40; i++)
        {
            await CallAsync(1, "triggers:write", $"10.0.{i / 200}.{i % 200}");
            if (i == 100)
            {
                await _portal.Get<RollupWriter>().FlushAsync();
            }
        }

        // Known ones go on counting when there is no room for new ones.
        await _portal.Get<RollupWriter>().FlushAsync();
        await CallAsync(5, "triggers:write", "10.0.0.7");
        var effect = await PreviewAsync(Both, ["192.0.2.0/24"]);

        effect.Calls.ShouldBe(CallTally.MostValues + 45);
        (effect.ByAddress.Count, effect.ByAddress.Unknown).ShouldBe((CallTally.MostValues + 5, 40));
        effect.ByAddress.Top[0].ShouldBe(new RefusedCause("10.0.0.7", 6));
        effect.ByAddress.OtherCauses.ShouldBe(effect.ByAddress.Count - 6 - 1 - 1);
        (await PreviewAsync([], [])).ByScope.Unknown.ShouldBe(0);
    }

    [Fact]
    public async Task Calls_from_before_such_figures_were_kept_are_unknown()
    {
        await CallAsync(8, "triggers:write");
        await _portal.Get<RollupWriter>().FlushAsync();
        await using (var db = _portal.Get<IDbContextFactory<UsageDb>>().CreateDbContext())
        {
            await db.Set<CallTally>().ExecuteDeleteAsync();
        }

        var effect = await PreviewAsync(["triggers:read"], []);

        (effect.Calls, effect.AtMost, effect.ByScope.Unknown).ShouldBe((8, 0, 8));
    }

    [Fact]
    public async Task Nothing_is_unknown_about_a_change_that_only_adds()
    {
        _portal.Calls(_cast.AcmeId, _key.Key.Id, 3);

        var effect = await PreviewAsync([.. Both, "events:read"], []);

        (effect.AtMost, effect.ByScope.Unknown, effect.ByAddress.Unknown).ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task Scopes_and_networks_that_are_none_are_refused_each_with_its_place()
    {
        var refusal = (await _portal.Get<ChangePreview>().PreviewAsync(_cast.Dora, _key.Key.Id, ["nonsense"], ["10.0.0.0/8", "10.0.0.1/8"])).Refusal;

        refusal!.Errors.Select(e => e.Pointer).ShouldBe(["/scopes/0", "/allowed_ips/1"]);
    }

    [Fact]
    public async Task Another_developers_key_and_another_organizations_do_not_exist()
    {
        var preview = _portal.Get<ChangePreview>();

        (await preview.PreviewAsync(_cast.Dan, _key.Key.Id, [], [])).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await preview.PreviewAsync(_cast.Olaf, _key.Key.Id, [], [])).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await preview.PreviewAsync(_cast.Audrey, _key.Key.Id, [], [])).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Tallies_are_dropped_after_eight_days()
    {
        await CallAsync(1, "triggers:write");
        await _portal.Get<RollupWriter>().FlushAsync();
        _portal.Clock.Advance(RollupWriter.MinutesKeptFor + TimeSpan.FromDays(1));
        await CallAsync(1, "triggers:read");
        await _portal.Get<RollupWriter>().FlushAsync();

        await using var db = _portal.Get<IDbContextFactory<UsageDb>>().CreateDbContext();
        (await db.Set<CallTally>().Where(t => t.Kind == TallyKind.Needed).Select(t => t.Value).ToListAsync()).ShouldBe(["triggers:read"]);
    }

    private async Task CallAsync(int times, string? needed, string? ip = "10.0.0.1", ValidationCode expected = ValidationCode.Valid)
    {
        for (var i = 0; i < times; i++)
        {
            var demand = KeyDemand.Nothing with { Ip = ip, Scopes = ScopeExpression.TryParse(needed, out var expression) ? expression : null };
            (await _portal.Get<KeyValidator>().ValidateAsync(_cast.AcmeId, new ValidationRequest { Key = _key.Plaintext.Expose(), Demand = demand })).Code.ShouldBe(expected);
        }
    }

    private async Task EditAsync(Func<KeyInput, KeyInput> change) => (await _portal.Get<KeyEditing>().EditAsync(_cast.Dora, _key.Key.Id, change)).Refusal.ShouldBeNull();

    private async Task<ChangeEffect> PreviewAsync(string[] scopes, string[] networks) =>
        (await _portal.Get<ChangePreview>().PreviewAsync(_cast.Dora, _key.Key.Id, scopes, networks)).Value;
}
