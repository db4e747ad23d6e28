using KeyPortal.Keys;
using KeyPortal.Keys.Policies;
using KeyPortal.Primitives;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Keys.Policies;

public sealed class CatalogueEditingTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private Task<Outcome<IReadOnlyList<CatalogueScope>>> EditAsync(Actor actor, Func<IReadOnlyList<ScopeInput>, IReadOnlyList<ScopeInput>> change) => _portal.Get<CatalogueEditing>().EditAsync(actor, change);

    private Task<Outcome<IReadOnlyList<CatalogueScope>>> AddAsync(params ScopeInput[] scopes) => EditAsync(_cast.Alice, present => [.. present, .. scopes]);

    private Task<Outcome<IReadOnlyList<CatalogueScope>>> RemoveAsync(string name) => EditAsync(_cast.Alice, present => [.. present.Where(s => s.Name != name)]);

    private Task<Outcome<IReadOnlyList<CatalogueScope>>> ChangeAsync(string name, Func<ScopeInput, ScopeInput> change) =>
        EditAsync(_cast.Alice, present => [.. present.Select(s => s.Name == name ? change(s) : s)]);

    private async Task<IReadOnlyList<string>> NamesAsync(Actor actor) => [.. (await _portal.Get<CatalogueEditing>().ReadAsync(actor)).Value.Select(s => s.Name)];

    [Fact]
    public async Task A_new_scope_can_be_held_at_once_and_stands_in_the_log()
    {
        (await AddAsync(new ScopeInput("billing.invoices:read", "See invoices", Publishable: true, ReadOnly: true))).Value.Count.ShouldBe(11);

        (await _portal.LiveKeyAsync(_cast.Dora, "billing.invoices:read")).Key.Scopes.ShouldBe(["billing.invoices:read"]);
        (await NamesAsync(_cast.Dora)).ShouldContain("billing.invoices:read");
        (await NamesAsync(_cast.Olaf)).ShouldNotContain("billing.invoices:read");
        var entry = (await _portal.AuditAsync(_cast.Alice, "scopes.changed")).ShouldHaveSingleItem();
        entry.TargetId.ShouldBe(_cast.AcmeId);
        entry.Details.ToJsonString().ShouldBe("""{"after":{"billing.invoices:read":{"description":"See invoices","publishable":true,"read_only":true}},"before":{"billing.invoices:read":null}}""");
    }

    [Fact]
    public async Task A_scope_can_be_changed_and_removed_and_nothing_is_written_where_nothing_changes()
    {
        (await ChangeAsync("triggers:write", s => s with { Description = "Change triggers" })).Value.Single(s => s.Name == "triggers:write").Description.ShouldBe("Change triggers");
        (await RemoveAsync("events:read")).Value.ShouldNotContain(s => s.Name == "events:read");
        (await RemoveAsync("events:read")).Refusal.ShouldBeNull();
        (await EditAsync(_cast.Alice, present => [.. present.Reverse()])).Refusal.ShouldBeNull();

        var entries = await _portal.AuditAsync(_cast.Alice, "scopes.changed");
        entries.Count.ShouldBe(2);
        entries[^1].Details["before"]!["triggers:write"]!["description"]!.GetValue<string>().ShouldBe("Create, change and delete triggers");
        entries[0].Details["after"]!["events:read"].ShouldBeNull();
    }

    [Fact]
    public async Task Developers_and_auditors_cannot_change_it()
    {
        foreach (var person in new[] { _cast.Dora, _cast.Audrey })
        {
            (await EditAsync(person, present => [.. present, new ScopeInput("invoices:read")])).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        }

        (await NamesAsync(_cast.Audrey)).ShouldNotContain("invoices:read");
        (await _portal.AuditAsync(_cast.Alice, "permission.refused")).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("invoices", "/data/10/name")]
    [InlineData("Invoices:read", "/data/10/name")]
    [InlineData("invoices:*", "/data/10/name")]
    [InlineData("", "/data/10/name")]
    [InlineData(null, "/data/10/name")]
    [InlineData("triggers:read", "/data/10/name")]
    public async Task A_name_has_the_form_of_a_scope_and_is_there_once(string? name, string pointer) =>
        (await AddAsync(new ScopeInput(name))).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe(pointer);

    [Fact]
    public async Task Names_descriptions_and_their_number_are_bounded()
    {
        var longest = new string('a', 95) + ":read";
        (await AddAsync(new ScopeInput(longest, string.Concat(Enumerable.Repeat("🔑", 200))))).Refusal.ShouldBeNull();
        (await AddAsync(new ScopeInput("a" + longest))).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/data/11/name");
        (await AddAsync(new ScopeInput("b:read", new string('d', 201)))).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/data/11/description");
        (await AddAsync(new ScopeInput("b:read", "\0"))).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/data/11/description");

        ScopeInput[] many = [.. Enumerable.Range(0, 489).Select(i => new ScopeInput($"many-{i}:read"))];
        (await AddAsync([.. many, new ScopeInput("one-more:read")])).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/data");
        (await AddAsync(many)).Value.Count.ShouldBe(500);
    }

    [Fact]
    public async Task KeyPortals_own_scopes_stay_as_they_are_but_for_their_words()
    {
        (await RemoveAsync("api-keys:manage")).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/data");
        (await EditAsync(_cast.Alice, _ => [])).Refusal!.Errors.Count.ShouldBe(OwnScopes.All.Count);
        (await ChangeAsync("usage:read", s => s with { Publishable = true })).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldEndWith("/publishable");
        (await ChangeAsync("api-keys:manage", s => s with { ReadOnly = true })).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldEndWith("/read_only");
        (await ChangeAsync("api-keys:manage", s => s with { Description = "Everything about keys" })).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task A_scope_leaves_only_when_no_key_holds_it_that_is_neither_revoked_nor_expired()
    {
        var first = await _portal.KeyAsync(_cast.Dora, with: i => i with { Scopes = ["triggers:write"] });
        await _portal.KeyAsync(_cast.Dan, with: i => i with { Scopes = ["triggers:read", "triggers:write"], Expiry = ExpiryInput.On(_portal.Clock.Now.AddDays(1)) });
        await _portal.KeyAsync(_cast.Dan, with: i => i with { Scopes = ["triggers:*"] });
        await _portal.KeyAsync(_cast.Olaf, with: i => i with { Scopes = ["triggers:write"] });

        var refused = (await RemoveAsync("triggers:write")).Refusal!;
        (refused.Kind, refused.Code).ShouldBe((RefusalKind.Conflict, "scope_in_use"));
        refused.Detail.ShouldContain("triggers:write is held by 2 keys");

        await _portal.Get<KeyRevocation>().RevokeAsync(_cast.Alice, first.Key.Id, RevocationReason.Superseded);
        (await RemoveAsync("triggers:write")).Refusal!.Detail.ShouldContain("held by 1 key.");
        _portal.Clock.Advance(TimeSpan.FromDays(1));
        (await RemoveAsync("triggers:write")).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task A_scope_stays_publishable_while_publishable_keys_hold_it()
    {
        await _portal.KeyAsync(_cast.Dora, with: i => i with { Scopes = ["events:read"] });
        var key = await _portal.KeyAsync(_cast.Dora, type: KeyType.Publishable, with: i => i with { Scopes = ["events:read"] });
        Task<Outcome<IReadOnlyList<CatalogueScope>>> WithdrawAsync() => ChangeAsync("events:read", s => s with { Publishable = false });

        var refused = (await WithdrawAsync()).Refusal!;
        (refused.Code, refused.Kind).ShouldBe(("scope_in_use", RefusalKind.Conflict));
        refused.Detail.ShouldContain("1 publishable key");

        await _portal.Get<KeyRevocation>().RevokeAsync(_cast.Dora, key.Key.Id, RevocationReason.Superseded);
        (await WithdrawAsync()).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task A_scope_that_the_policy_names_stays()
    {
        await _portal.ApprovalAsync(_cast.Alice, "events:*", "triggers:write");

        (await RemoveAsync("triggers:write")).Refusal!.Errors.ShouldHaveSingleItem().ShouldSatisfyAllConditions(e => e.Pointer.ShouldBe("/data"), e => e.Detail.ShouldContain("triggers:write"));
        (await RemoveAsync("events:read")).Refusal!.Errors.ShouldHaveSingleItem().Detail.ShouldContain("events:*");
        await AddAsync(new ScopeInput("events:write"));
        (await RemoveAsync("events:read")).Refusal.ShouldBeNull("the wildcard still covers a scope");
    }

    [Fact]
    public async Task An_expired_key_with_a_scope_that_is_gone_can_be_renamed_but_not_brought_back()
    {
        var key = await _portal.KeyAsync(_cast.Dora, with: i => i with { Scopes = ["events:read"], Expiry = ExpiryInput.On(_portal.Clock.Now.AddDays(1)) });
        _portal.Clock.Advance(TimeSpan.FromDays(2));
        (await RemoveAsync("events:read")).Refusal.ShouldBeNull();
        Task<Outcome<KeyView>> EditAsync(Func<KeyInput, KeyInput> change) => _portal.Get<KeyEditing>().EditAsync(_cast.Dora, key.Key.Id, change);

        (await EditAsync(i => i with { Name = "Renamed" })).Value.Name.ShouldBe("Renamed");
        (await EditAsync(i => i with { Expiry = ExpiryInput.In(KeyPortal.Organizations.ExpiryChoice.Days30) })).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/scopes/0");
        (await _portal.Get<KeyRotation>().RotateAsync(_cast.Dora, key.Key.Id, new RotationInput())).Refusal!.Code.ShouldBe("renewal_not_allowed");
        (await EditAsync(i => i with { Scopes = [], Expiry = ExpiryInput.In(KeyPortal.Organizations.ExpiryChoice.Days30) })).Value.Status.ShouldBe(KeyStatus.Active);
    }

    [Fact]
    public async Task Whoever_may_see_keys_sees_how_many_hold_each_scope()
    {
        await _portal.KeyAsync(_cast.Dora, with: i => i with { Scopes = ["triggers:read", "triggers:*"] });
        await _portal.KeyAsync(_cast.Dan, with: i => i with { Scopes = ["triggers:read"] });
        await _portal.KeyAsync(_cast.Dan, type: KeyType.Publishable, with: i => i with { Scopes = ["triggers:read"] });
        var revoked = await _portal.KeyAsync(_cast.Dan, with: i => i with { Scopes = ["triggers:read"] });
        await _portal.Get<KeyRevocation>().RevokeAsync(_cast.Dan, revoked.Key.Id, RevocationReason.Superseded);
        async Task<IReadOnlyDictionary<string, ScopeHolding>> CountAsync(Actor actor) => (await _portal.Get<ScopeHolders>().CountAsync(actor)).Value;

        (await CountAsync(_cast.Audrey))["triggers:read"].ShouldBe(new ScopeHolding(3, 1, 0));
        (await CountAsync(_cast.Alice))["triggers:write"].ShouldBe(new ScopeHolding(0, 0, 1));
        (await CountAsync(_cast.Dora))["triggers:read"].ShouldBe(new ScopeHolding(1, 0, 0), "a developer sees her own keys");
        (await CountAsync(_cast.Olaf)).ShouldBeEmpty();
    }
}
