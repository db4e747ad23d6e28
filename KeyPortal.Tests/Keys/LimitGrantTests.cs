using KeyPortal.Keys;
using KeyPortal.Keys.Imports;
using KeyPortal.Keys.Policies;
using KeyPortal.Limits;
using KeyPortal.Primitives;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;
using static KeyPortal.Tests.Support.LimitsGiven;

namespace KeyPortal.Tests.Keys;

/// <summary>Who sets the limits of a key: everybody who may change it, or owners and admins alone; and never a limited key for its own good.</summary>
public sealed class LimitGrantTests : IAsyncLifetime
{
    private readonly Portal _portal = new(("KeyPortal:Policy:KeysPerMember", "100"));
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private Task LeaveToAdminsAsync() => _portal.PolicyAsync(_cast.Alice, p => p with { LimitsByAdmins = true });

    private Task<Outcome<IssuedKey>> CreateAsync(Actor actor, Func<KeyInput, KeyInput> with, KeyType type = KeyType.Secret) =>
        _portal.Get<KeyIssuance>().CreateAsync(actor, with(new KeyInput { Name = "A key" }), type, KeyEnvironment.Test);

    private Task<Outcome<KeyView>> EditAsync(Actor actor, IssuedKey key, Func<KeyInput, KeyInput> change) => _portal.Get<KeyEditing>().EditAsync(actor, key.Key.Id, change);

    private static string Said<T>(Outcome<T> outcome) => outcome.Refusal is { } refusal ? string.Join(' ', [refusal.Code, .. refusal.Errors.Select(e => e.Pointer)]) : "";

    /// <summary>A management key of Alice with these limits, as it calls.</summary>
    private async Task<Actor> CallerAsync(Func<KeyInput, KeyInput> limits, params string[] scopes)
    {
        var key = await _portal.KeyAsync(_cast.Alice, "Caller", with: i => limits(i) with { Scopes = scopes.Length > 0 ? scopes : ["api-keys:*"] });
        return (await _portal.Get<CallerAuthentication>().AuthenticateAsync(key.Plaintext.Expose(), Origin.None)).Value.Actor;
    }

    private static KeyInput Limited(KeyInput input) => input with { RateLimits = [Bucket(10, 60)] };

    [Fact]
    public async Task Without_the_rule_whoever_may_change_a_key_sets_its_limits()
    {
        var key = (await CreateAsync(_cast.Dora, i => i with { Tier = "unlimited", Quotas = [Daily(5)] })).Value;

        (await EditAsync(_cast.Dora, key, i => i with { RateLimits = [Bucket(1, 60)], Quotas = [], Tier = null })).Value.RateLimits.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Where_admins_set_limits_a_developers_new_key_takes_the_default_and_names_none()
    {
        await LeaveToAdminsAsync();

        Said(await CreateAsync(_cast.Dora, i => i with { Tier = "unlimited" })).ShouldBe("limits_not_grantable /tier");
        Said(await CreateAsync(_cast.Dora, i => i with { RateLimits = [Bucket(1, 60)], Quotas = [Daily(1)] })).ShouldBe("limits_not_grantable /rate_limits /quotas");
        (await CreateAsync(_cast.Dora, i => i)).Value.Key.Tier.ShouldBeNull();
        foreach (var admin in new[] { _cast.Alice, _cast.Andy })
        {
            (await CreateAsync(admin, i => i with { Tier = "unlimited", RateLimits = [Bucket(1, 60)] })).Refusal.ShouldBeNull();
        }

        var refused = (await _portal.AuditAsync(_cast.Alice, "permission.refused")).ShouldHaveSingleItem("the same refusal once a minute");
        refused.ActorId.ShouldBe(_cast.Dora.Id);
    }

    [Fact]
    public async Task A_refusal_names_the_fields_and_the_rule()
    {
        await LeaveToAdminsAsync();

        var refused = (await CreateAsync(_cast.Dora, i => i with { Tier = "free" })).Refusal!;

        (refused.Kind, refused.Detail).ShouldBe((RefusalKind.NotAllowed,
            "Your organization's policy (limits_by_admins) lets only owners and admins set limits. Leave out tier: the key then takes your organization's default tier."));
    }

    [Fact]
    public async Task A_developers_edit_leaves_the_limits_be_and_neither_lifts_nor_tightens_them()
    {
        var key = await _portal.KeyAsync(_cast.Dora, with: i => i with { RateLimits = [Bucket(100, 60, 80)], Quotas = [Daily(5)], Tier = "free" });
        await LeaveToAdminsAsync();

        Said(await EditAsync(_cast.Dora, key, i => i with { Tier = "unlimited" })).ShouldBe("limits_not_grantable /tier");
        Said(await EditAsync(_cast.Dora, key, i => i with { Tier = null })).ShouldBe("limits_not_grantable /tier");
        Said(await EditAsync(_cast.Dora, key, i => i with { RateLimits = [] })).ShouldBe("limits_not_grantable /rate_limits");
        Said(await EditAsync(_cast.Dora, key, i => i with { RateLimits = [Bucket(1, 60, 80)], Quotas = [Daily(1)] })).ShouldBe("limits_not_grantable /rate_limits /quotas");

        var renamed = (await EditAsync(_cast.Dora, key, i => i with { Name = "Renamed", RateLimits = [Bucket(100, 60, 80)], Quotas = [Daily(5)], Tier = "free" })).Value;
        (renamed.Name, renamed.Tier, renamed.RateLimits.Count, renamed.Quotas.Count).ShouldBe(("Renamed", "free", 1, 1));
        (await EditAsync(_cast.Andy, key, i => i with { Tier = "unlimited", RateLimits = [] })).Value.Tier.ShouldBe("unlimited");
        (await _portal.EntriesAsync(key.Key.Id)).Select(e => e.Action).ShouldBe(["key.created", "key.revealed", "permission.refused", "key.updated", "key.updated"]);
    }

    [Fact]
    public async Task An_expired_key_comes_back_with_the_limits_it_had()
    {
        var key = await _portal.KeyAsync(_cast.Dora, with: i => i with { Tier = "free", Expiry = ExpiryInput.On(_portal.Clock.Now.AddDays(1)) });
        await LeaveToAdminsAsync();
        _portal.Clock.Advance(TimeSpan.FromDays(2));
        var later = ExpiryInput.On(_portal.Clock.Now.AddDays(1));

        Said(await EditAsync(_cast.Dora, key, i => i with { Expiry = later, Tier = "unlimited" })).ShouldBe("limits_not_grantable /tier");
        (await EditAsync(_cast.Dora, key, i => i with { Expiry = later })).Value.Tier.ShouldBe("free");
        (await _portal.Get<KeyRotation>().RotateAsync(_cast.Dora, key.Key.Id, new RotationInput())).Value.Key.Tier.ShouldBe("free");
    }

    [Fact]
    public async Task A_key_is_bound_as_the_member_who_owns_it()
    {
        await LeaveToAdminsAsync();
        async Task<Actor> OfAsync(Actor owner)
        {
            var key = await _portal.KeyAsync(owner, with: i => i with { Scopes = ["api-keys:manage"] });
            return (await _portal.Get<CallerAuthentication>().AuthenticateAsync(key.Plaintext.Expose(), Origin.None)).Value.Actor;
        }

        Said(await CreateAsync(await OfAsync(_cast.Dora), i => i with { Tier = "unlimited" })).ShouldBe("limits_not_grantable /tier");
        (await CreateAsync(await OfAsync(_cast.Andy), i => i with { Tier = "unlimited" })).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Another_organizations_rule_is_its_own()
    {
        await LeaveToAdminsAsync();

        (await CreateAsync(_cast.Olaf, i => i with { Tier = "unlimited" })).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task New_organizations_begin_with_what_the_setting_says()
    {
        await using var portal = new Portal(("KeyPortal:Policy:LimitsByAdmins", "true"));
        var cast = await Cast.EnterAsync(portal);

        (await portal.Get<PolicyEditing>().ReadAsync(cast.Dora)).Value.LimitsByAdmins.ShouldBeTrue();
    }

    [Theory]
    [InlineData("api-keys:manage", true)]
    [InlineData("api-keys:validate", true)]
    [InlineData("api-keys:*", true)]
    [InlineData("triggers:*", false)]
    public async Task A_limited_key_makes_no_key_that_calls_KeyPortal_in_its_place(string scope, bool refused)
    {
        var caller = await CallerAsync(Limited);

        Said(await CreateAsync(caller, i => i with { Scopes = [scope], Tier = "unlimited" })).ShouldBe(refused ? "limited_credential /scopes" : "");
        Said(await CreateAsync(caller, i => Limited(i) with { Scopes = [scope] })).ShouldBe(refused ? "limited_credential /scopes" : "", "two limits of ten are twenty");
        var other = await _portal.KeyAsync(_cast.Alice);
        Said(await EditAsync(caller, other, i => i with { Scopes = [scope] })).ShouldBe(refused ? "limited_credential /scopes" : "");
        (await _portal.EntriesAsync(other.Key.Id))[^1].Action.ShouldBe(refused ? "permission.refused" : "key.updated");
    }

    [Fact]
    public async Task What_limits_a_caller_is_what_was_set_on_it_and_can_refuse_it()
    {
        await _portal.DefaultTierAsync(_cast.AcmeId, new RateLimit("usual", LimitAlgorithm.TokenBucket, 1, 60));
        async Task<string> SiblingAsync(Func<KeyInput, KeyInput> limits) => Said(await CreateAsync(await CallerAsync(limits), i => i with { Scopes = ["api-keys:manage"] }));

        (await SiblingAsync(i => i)).ShouldBe("", "the default binds no caller");
        (await SiblingAsync(i => i with { Quotas = [Monthly(5, "soft")] })).ShouldBe("", "a soft quota refuses nothing");
        (await SiblingAsync(i => i with { Tier = "usual" })).ShouldBe("limited_credential /scopes");
        (await SiblingAsync(i => i with { Quotas = [Monthly(5)] })).ShouldBe("limited_credential /scopes");
    }

    [Fact]
    public async Task Limited_keys_do_not_lift_each_others_limits_nor_learn_secrets_that_call_KeyPortal()
    {
        var caller = await CallerAsync(Limited);
        var sibling = await _portal.KeyAsync(_cast.Alice, with: i => Limited(i) with { Scopes = ["api-keys:manage"] });
        var client = await _portal.KeyAsync(_cast.Alice, with: i => Limited(i) with { Scopes = ["triggers:read"] });

        Said(await EditAsync(caller, sibling, i => i with { RateLimits = [] })).ShouldBe("limited_credential /rate_limits");
        Said(await _portal.Get<KeyRotation>().RotateAsync(caller, sibling.Key.Id, new RotationInput())).ShouldBe("limited_credential");
        (await EditAsync(caller, sibling, i => i with { Name = "Renamed" })).Value.RateLimits.Count.ShouldBe(1);

        (await EditAsync(caller, client, i => i with { RateLimits = [] })).Value.RateLimits.ShouldBeEmpty();
        (await _portal.Get<KeyRotation>().RotateAsync(caller, client.Key.Id, new RotationInput())).Refusal.ShouldBeNull();
        (await _portal.EntriesAsync(sibling.Key.Id)).Count(e => e.Action == "permission.refused").ShouldBe(1);
    }

    [Fact]
    public async Task Limited_keys_neither_revive_nor_switch_on_nor_give_time_to_what_calls_KeyPortal()
    {
        var caller = await CallerAsync(Limited);
        Task<IssuedKey> KeyAsync(string scope) => _portal.KeyAsync(_cast.Alice, with: i => i with { Scopes = [scope], Expiry = ExpiryInput.On(_portal.Clock.Now.AddDays(1)) });
        var (sibling, client) = (await KeyAsync("api-keys:validate"), await KeyAsync("triggers:read"));
        async Task<string[]> GiveAsync(IssuedKey key)
        {
            var until = ExpiryInput.On(_portal.Clock.Now.AddDays(30));
            await _portal.Get<KeySuspension>().DisableAsync(caller, key.Key.Id);
            var on = Said(await _portal.Get<KeySuspension>().EnableAsync(caller, key.Key.Id));
            await _portal.Get<KeyRevocation>().RetireAsync(caller, key.Key.Id, RevocationReason.Unspecified, TimeSpan.FromDays(5));
            var ended = Said(await _portal.Get<KeyRevocation>().RetireAsync(caller, key.Key.Id, RevocationReason.Unspecified, TimeSpan.FromDays(6)));
            return [on, ended, Said(await EditAsync(caller, key, i => i with { Expiry = until })), Said(await EditAsync(caller, key, i => i with { Name = "Renamed" }))];
        }

        (await GiveAsync(sibling)).ShouldBe(["limited_credential", "limited_credential", "limited_credential", ""]);
        (await GiveAsync(client)).ShouldBe(["", "", "", ""]);
        (await _portal.EntriesAsync(sibling.Key.Id)).Count(e => e.Action == "permission.refused").ShouldBe(1, "the same refusal once a minute");
        (await _portal.Get<KeySuspension>().EnableAsync(caller, (await KeyAsync("api-keys:validate")).Key.Id)).Refusal.ShouldBeNull("what is on already is a success");

        var expired = await KeyAsync("api-keys:validate");
        _portal.Clock.Advance(TimeSpan.FromDays(2));
        Said(await EditAsync(caller, expired, i => i with { Expiry = ExpiryInput.On(_portal.Clock.Now.AddDays(30)) })).ShouldBe("limited_credential");
    }

    [Fact]
    public async Task What_a_limited_key_is_refused_is_said_as_it_was_asked()
    {
        var caller = await CallerAsync(Limited);
        var (other, sibling) = (await _portal.KeyAsync(_cast.Alice), await _portal.KeyAsync(_cast.Alice, with: i => i with { Scopes = ["api-keys:validate"] }));

        (await EditAsync(caller, other, i => i with { Scopes = ["api-keys:validate"] })).Refusal!.Detail.ShouldContain("cannot give a key one of KeyPortal's own scopes");
        (await _portal.Get<KeyRotation>().RotateAsync(caller, sibling.Key.Id, new RotationInput())).Refusal!.Detail.ShouldContain("cannot get a secret with one of KeyPortal's own scopes");
    }

    [Fact]
    public async Task An_import_is_held_to_it_item_by_item()
    {
        var caller = await CallerAsync(Limited);
        ImportItem Item(string key, string scope) => Imported.ItemOf(key) is var item ? item with { Input = item.Input with { Scopes = [scope] } } : item;

        var answers = await _portal.ImportAsync(caller, Item("legacy-key-1", "api-keys:manage"), Item("legacy-key-2", "triggers:read"));

        answers.Select(a => a.Refusal?.Code).ShouldBe([LimitGrant.LimitedCaller, null]);
        answers[0].Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/keys/0/scopes");
    }
}
