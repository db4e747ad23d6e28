using KeyPortal.Keys;
using KeyPortal.Keys.Policies;
using KeyPortal.Limits;
using KeyPortal.Primitives;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Keys.Policies;

public sealed class TierEditingTests : IAsyncLifetime
{
    private static readonly RateLimitInput Burst = new("burst", "token_bucket", 5, 60, 80);

    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private Task<Outcome<TierList>> EditAsync(Actor actor, Func<TierListInput, TierListInput> change) => _portal.Get<TierEditing>().EditAsync(actor, change);

    private Task<Outcome<TierList>> AddAsync(params TierInput?[] tiers) => EditAsync(_cast.Alice, list => list with { Tiers = [.. list.Tiers, .. tiers] });

    private Task<Outcome<TierList>> RemoveAsync(string name) => EditAsync(_cast.Alice, list => list with { Tiers = [.. list.Tiers.Where(t => t!.Name != name)] });

    private Task<Outcome<TierList>> ChangeAsync(string name, Func<TierInput, TierInput> change) =>
        EditAsync(_cast.Alice, list => list with { Tiers = [.. list.Tiers.Select(t => t!.Name == name ? change(t) : t)] });

    private Task<Outcome<TierList>> DefaultAsync(string? name) => EditAsync(_cast.Alice, list => list with { DefaultTier = name });

    private async Task<TierList> ReadAsync(Actor actor) => (await _portal.Get<TierEditing>().ReadAsync(actor)).Value;

    private Task<IssuedKey> KeyAsync(Actor owner, string? tier, Func<KeyInput, KeyInput>? with = null) => _portal.KeyAsync(owner, with: i => (with?.Invoke(i) ?? i) with { Tier = tier });

    private static string[] PointersOf(Outcome<TierList> outcome) => [.. outcome.Refusal!.Errors.Select(e => e.Pointer)];

    [Fact]
    public async Task A_new_tier_can_be_named_at_once_and_stands_in_the_log()
    {
        (await AddAsync(new TierInput("gold", "For those who pay", [Burst], [new QuotaInput("day", 9)]))).Value.Tiers.Select(t => t.Name).ShouldBe(["free", "standard", "unlimited", "gold"]);

        (await KeyAsync(_cast.Dora, "gold")).Key.Tier.ShouldBe("gold");
        (await ReadAsync(_cast.Audrey)).Find("gold")!.RateLimits.ShouldBe([new RateLimit("burst", LimitAlgorithm.TokenBucket, 5, 60, 80)]);
        (await ReadAsync(_cast.Olaf)).Find("gold").ShouldBeNull();
        var entry = (await _portal.AuditAsync(_cast.Alice, "tiers.changed")).ShouldHaveSingleItem();
        entry.TargetId.ShouldBe(_cast.AcmeId);
        entry.Details.ToJsonString().ShouldBe("""
            {"after":{"order":["free","standard","unlimited","gold"],"tier.gold":{"description":"For those who pay","quotas":[{"limit":9,"mode":"hard","period":"day","warn_at_percent":null}],"rate_limits":[{"algorithm":"token_bucket","limit":5,"name":"burst","warn_at_percent":80,"window_seconds":60}]}},"before":{"order":["free","standard","unlimited"],"tier.gold":null}}
            """.Trim());
    }

    [Fact]
    public async Task What_changes_nothing_writes_nothing_and_a_change_names_only_what_differs()
    {
        (await EditAsync(_cast.Alice, list => list)).Refusal.ShouldBeNull();
        await using (var db = _portal.OpenDb())
        {
            db.Set<OrganizationTiers>().ShouldBeEmpty();
        }

        (await DefaultAsync("standard")).Value.DefaultTier.ShouldBe("standard");
        (await DefaultAsync("standard")).Refusal.ShouldBeNull();
        (await ChangeAsync("free", t => t with { Description = "" })).Value.Find("free")!.Description.ShouldBeEmpty();

        var entries = await _portal.AuditAsync(_cast.Alice, "tiers.changed");
        entries.Count.ShouldBe(2);
        entries[1].Details.ToJsonString().ShouldBe("""{"after":{"default_tier":"standard"},"before":{"default_tier":null}}""");
        entries[0].Details["after"]!.AsObject().Select(f => f.Key).ShouldBe(["tier.free"]);
    }

    [Fact]
    public async Task Who_saw_other_tiers_is_told_so()
    {
        var seen = await ReadAsync(_cast.Alice);
        await DefaultAsync("free");

        var refused = (await _portal.Get<TierEditing>().EditAsync(_cast.Andy, list => list with { DefaultTier = null }, now => now.DefaultTier == seen.DefaultTier)).Refusal!;

        (refused.Kind, refused.Code).ShouldBe((RefusalKind.Stale, "precondition_failed"));
        (await ReadAsync(_cast.Alice)).DefaultTier.ShouldBe("free");
    }

    [Fact]
    public async Task Developers_and_auditors_cannot_change_them()
    {
        foreach (var person in new[] { _cast.Dora, _cast.Audrey })
        {
            (await EditAsync(person, list => list with { DefaultTier = "unlimited" })).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        }

        (await ReadAsync(_cast.Dora)).DefaultTier.ShouldBeNull();
        (await _portal.AuditAsync(_cast.Alice, "permission.refused")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_key_cannot_change_the_tier_it_takes_from()
    {
        var key = await KeyAsync(_cast.Alice, "free", i => i with { Scopes = [OwnScopes.ApiKeysManage.Value] });
        var caller = (await _portal.Get<CallerAuthentication>().AuthenticateAsync(key.Plaintext.Expose(), Origin.None)).Value.Actor;

        var refused = (await EditAsync(caller, list => list with { Tiers = [.. list.Tiers.Select(t => t!.Name == "free" ? t with { RateLimits = [] } : t)] })).Refusal!;

        (refused.Kind, refused.Code).ShouldBe((RefusalKind.NotAllowed, "own_credential"));
        (await ReadAsync(_cast.Alice)).ShouldBe(TierList.Initial);
        (await _portal.AuditAsync(_cast.Alice, "permission.refused")).ShouldHaveSingleItem();
        (await EditAsync(caller, list => list with { Tiers = [.. list.Tiers.Select(t => t!.Name == "standard" ? t with { Description = "Usual" } : t)], DefaultTier = "standard" })).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task A_limited_key_makes_no_tier_wider_and_so_no_other_that_would_do_the_same_for_it()
    {
        (await AddAsync(new TierInput("one", null, [Burst], []), new TierInput("two", null, [Burst], []))).Refusal.ShouldBeNull();
        async Task<Actor> CallerAsync(string? tier)
        {
            var key = await KeyAsync(_cast.Alice, tier, i => i with { Scopes = [OwnScopes.ApiKeysManage.Value] });
            return (await _portal.Get<CallerAuthentication>().AuthenticateAsync(key.Plaintext.Expose(), Origin.None)).Value.Actor;
        }

        TierListInput With(TierListInput list, string name, params RateLimitInput[] limits) => list with { Tiers = [.. list.Tiers.Select(t => t!.Name == name ? t with { RateLimits = limits } : t)] };
        var (one, two, free) = (await CallerAsync("one"), await CallerAsync("two"), await CallerAsync(null));

        foreach (var refused in new[] { await EditAsync(one, t => With(t, "two")), await EditAsync(two, t => With(t, "one", Burst with { Limit = 6 })) })
        {
            (refused.Refusal!.Kind, refused.Refusal.Code).ShouldBe((RefusalKind.NotAllowed, "limited_credential"));
        }

        (await _portal.AuditAsync(_cast.Alice, "permission.refused")).Count.ShouldBe(2);
        (await EditAsync(one, t => With(t, "two", Burst with { Limit = 4 }))).Value.Find("two")!.RateLimits.ShouldHaveSingleItem().Limit.ShouldBe(4);
        (await EditAsync(free, t => With(t, "two"))).Value.Find("two")!.RateLimits.ShouldBeEmpty("a key without limits is not held to it");
    }

    [Fact]
    public async Task Another_organization_keeps_its_own()
    {
        await ChangeAsync("free", t => t with { RateLimits = [Burst] });
        (await EditAsync(_cast.Olaf, list => new TierListInput([new TierInput("umbra", null, [], [])], "umbra"))).Refusal.ShouldBeNull();

        (await ReadAsync(_cast.Alice)).Tiers.Count.ShouldBe(3);
        (await ReadAsync(_cast.Olaf)).ShouldSatisfyAllConditions(l => l.Tiers.ShouldHaveSingleItem().Name.ShouldBe("umbra"), l => l.DefaultTier.ShouldBe("umbra"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Gold")]
    [InlineData("-gold")]
    [InlineData("gold ")]
    [InlineData("gold.plus")]
    [InlineData("free")]
    [InlineData("a23456789012345678901234567890123")]
    public async Task A_name_has_its_form_and_is_there_once(string? name) => PointersOf(await AddAsync(new TierInput(name, null, [], []))).ShouldBe(["/data/3/name"]);

    [Fact]
    public async Task Names_descriptions_and_their_number_are_bounded()
    {
        (await AddAsync(new TierInput(new string('a', 32), string.Concat(Enumerable.Repeat("🔑", 200)), [], []))).Refusal.ShouldBeNull();
        PointersOf(await AddAsync(new TierInput("b", new string('d', 201), [], []))).ShouldBe(["/data/4/description"]);
        PointersOf(await AddAsync(new TierInput("b", "\0", [], []))).ShouldBe(["/data/4/description"]);
        TierInput[] many = [.. Enumerable.Range(0, 16).Select(i => new TierInput($"many-{i}", null, [], []))];
        PointersOf(await AddAsync([.. many, new TierInput("one-more", null, [], [])])).ShouldBe(["/data"]);
        (await AddAsync(many)).Value.Tiers.Count.ShouldBe(20);
        (await EditAsync(_cast.Alice, _ => new TierListInput([], null))).Value.Tiers.ShouldBeEmpty();
    }

    [Fact]
    public async Task All_that_is_wrong_is_said_at_once()
    {
        await KeyAsync(_cast.Dora, "free");

        var refused = await EditAsync(_cast.Alice, _ => new TierListInput(
            [new TierInput("Bad", "\0", [Burst with { Limit = 0 }, Burst], [new QuotaInput("day", 1), new QuotaInput("day", 1)]), null, new TierInput("a", RateLimits: null, Quotas: [])], "gone"));

        PointersOf(refused).ShouldBe(["/data/0/name", "/data/0/description", "/data/0/rate_limits/0/limit", "/data/0/rate_limits/1/name", "/data/0/quotas/1/period", "/data/1", "/data/2/rate_limits", "/data", "/default_tier"]);
        (await ReadAsync(_cast.Alice)).ShouldBe(TierList.Initial);
        (await _portal.AuditAsync(_cast.Alice, "tiers.changed")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_tier_goes_only_when_no_key_names_it_that_is_neither_revoked_nor_expired()
    {
        var first = await KeyAsync(_cast.Dora, "free");
        var disabled = await KeyAsync(_cast.Dan, "free");
        await _portal.Get<KeySuspension>().DisableAsync(_cast.Dan, disabled.Key.Id);
        await KeyAsync(_cast.Dan, "free", i => i with { Expiry = ExpiryInput.On(_portal.Clock.Now.AddDays(1)) });
        await KeyAsync(_cast.Dan, null);
        await KeyAsync(_cast.Olaf, "free");

        (await RemoveAsync("free")).Refusal!.Errors.ShouldHaveSingleItem().ShouldBe(new FieldError("/data", "3 keys take from the tier free. Give them another one first."));
        await _portal.Get<KeyRevocation>().RevokeAsync(_cast.Alice, disabled.Key.Id, RevocationReason.Superseded);
        (await _portal.Get<KeyEditing>().EditAsync(_cast.Dora, first.Key.Id, i => i with { Tier = "standard" })).Refusal.ShouldBeNull();
        (await RemoveAsync("free")).Refusal!.Errors.ShouldHaveSingleItem().Detail.ShouldBe("1 key takes from the tier free. Give it another one first.");

        _portal.Clock.Advance(TimeSpan.FromDays(1));
        (await RemoveAsync("free")).Value.Find("free").ShouldBeNull();
    }

    [Fact]
    public async Task An_expired_key_whose_tier_has_gone_may_be_changed_and_is_brought_back_only_with_one_that_is_there()
    {
        var key = await KeyAsync(_cast.Dora, "free", i => i with { Expiry = ExpiryInput.On(_portal.Clock.Now.AddDays(1)) });
        _portal.Clock.Advance(TimeSpan.FromDays(2));
        await RemoveAsync("free");
        var editing = _portal.Get<KeyEditing>();

        (await _portal.CodeOfAsync(_cast, key)).ShouldBe(ValidationCode.Expired);
        (await editing.EditAsync(_cast.Dora, key.Key.Id, i => i with { Name = "Renamed" })).Value.ShouldSatisfyAllConditions(k => k.Name.ShouldBe("Renamed"), k => k.Tier.ShouldBe("free"));
        var refused = (await editing.EditAsync(_cast.Dora, key.Key.Id, i => i with { Expiry = ExpiryInput.On(_portal.Clock.Now.AddDays(1)) })).Refusal!;
        refused.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/tier");
        (await editing.EditAsync(_cast.Dora, key.Key.Id, i => i with { Expiry = ExpiryInput.On(_portal.Clock.Now.AddDays(1)), Tier = null })).Refusal.ShouldBeNull();
        (await _portal.CodeOfAsync(_cast, key)).ShouldBe(ValidationCode.Valid);
    }

    [Fact]
    public async Task A_changed_tier_binds_the_keys_in_the_cache_at_once()
    {
        var cache = _portal.Get<KeyCache>();
        var (named, silent, own, foreign) = (await KeyAsync(_cast.Dora, "free"), await KeyAsync(_cast.Dora, null), await KeyAsync(_cast.Dora, "free", i => i with { RateLimits = [Burst] }), await KeyAsync(_cast.Olaf, "free"));
        async Task<string> LimitsAsync(IssuedKey key)
        {
            cache.TryRead(key.Plaintext.Expose(), out var presented).ShouldBeTrue();
            var snapshot = (await cache.FindAsync(presented, fresh: false, TestContext.Current.CancellationToken)).ShouldNotBeNull();
            return string.Join(' ', [.. snapshot.Limits.RateLimits.ToArray().Select(l => $"{l.Name}={l.Limit}"), .. snapshot.Limits.Quotas.ToArray().Select(q => $"{q.Name}={q.Limit}")]);
        }

        async Task<string[]> AllAsync() => [await LimitsAsync(named), await LimitsAsync(silent), await LimitsAsync(own), await LimitsAsync(foreign)];
        foreach (var key in new[] { named, silent, own })
        {
            (await _portal.CodeOfAsync(_cast, key)).ShouldBe(ValidationCode.Valid);
        }

        (await AllAsync()).ShouldBe(["burst=60 quota-day=10000", "", "burst=5 quota-day=10000", "burst=60 quota-day=10000"]);
        (await ChangeAsync("free", t => t with { RateLimits = [Burst with { Limit = 7 }, Burst with { Name = "steady", Limit = 1 }], Quotas = [] })).Refusal.ShouldBeNull();
        (await AllAsync()).ShouldBe(["burst=7 steady=1", "", "burst=5 steady=1", "burst=60 quota-day=10000"]);
        (await _portal.CodeOfAsync(_cast, silent)).ShouldBe(ValidationCode.Valid);
        (await DefaultAsync("standard")).Refusal.ShouldBeNull();
        (await AllAsync()).ShouldBe(["burst=7 steady=1", "burst=600 quota-month=1000000", "burst=5 steady=1", "burst=60 quota-day=10000"]);
        (await DefaultAsync(null)).Refusal.ShouldBeNull();
        (await LimitsAsync(silent)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_stricter_tier_refuses_the_next_call_and_a_wider_one_lets_it_pass()
    {
        var key = await KeyAsync(_cast.Dora, "free");
        (await _portal.CodeOfAsync(_cast, key)).ShouldBe(ValidationCode.Valid);
        (await ChangeAsync("free", t => t with { RateLimits = [Burst with { Limit = 1 }], Quotas = [] })).Refusal.ShouldBeNull();
        await _portal.CodeOfAsync(_cast, key);

        (await _portal.CodeOfAsync(_cast, key)).ShouldBe(ValidationCode.RateLimited);
        (await ChangeAsync("free", t => t with { RateLimits = [] })).Refusal.ShouldBeNull();
        (await _portal.CodeOfAsync(_cast, key)).ShouldBe(ValidationCode.Valid);
    }

    [Fact]
    public async Task Keys_are_counted_by_tier_among_those_that_one_may_see()
    {
        await KeyAsync(_cast.Dora, "free");
        await KeyAsync(_cast.Dan, "free");
        await KeyAsync(_cast.Dan, null);
        await KeyAsync(_cast.Olaf, "standard");
        var holders = _portal.Get<TierHolders>();

        (await holders.CountAsync(_cast.Alice)).Value.ShouldSatisfyAllConditions(h => h.Of("free").ShouldBe(2), h => h.Of("standard").ShouldBe(0), h => h.WithoutTier.ShouldBe(1));
        (await holders.CountAsync(_cast.Dora)).Value.ShouldSatisfyAllConditions(h => h.Of("free").ShouldBe(1), h => h.WithoutTier.ShouldBe(0));
    }
}
