using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Keys;

/// <summary>Nobody, and no key, hands on one of KeyPortal's own scopes that it lacks.</summary>
public sealed class OwnScopeTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    private Portal Portal => shared.Portal;

    private Cast Cast => shared.Cast;

    [Theory]
    [InlineData("api-keys:manage", true)]
    [InlineData("api-keys:validate", true)]
    [InlineData("api-keys:*", true)]
    [InlineData("usage:read", true)]
    [InlineData("audit:read", false)]
    [InlineData("audit:*", false)]
    [InlineData("agents:manage", false)]
    [InlineData("agents:*", false)]
    [InlineData("triggers:*", true)]
    public async Task A_developer_hands_on_what_the_role_allows(string scope, bool allowed)
    {
        (await CreateAsync(Cast.Dora, scope)).ShouldBe(allowed ? null : OwnScopeGrant.Code);
        (await CreateAsync(Cast.Andy, scope)).ShouldBeNull();
    }

    [Theory]
    [InlineData("api-keys:manage", "api-keys:manage", true)]
    [InlineData("api-keys:manage", "api-keys:validate", false)]
    [InlineData("api-keys:manage", "api-keys:*", false)]
    [InlineData("api-keys:*", "api-keys:validate", true)]
    [InlineData("api-keys:manage", "audit:read", false)]
    [InlineData("api-keys:manage", "usage:*", false)]
    [InlineData("api-keys:manage", "triggers:write", true)]
    public async Task A_key_hands_on_what_it_holds(string held, string scope, bool allowed)
    {
        var actor = await ActorOfKeyAsync(Cast.Alice, held);
        (await CreateAsync(actor, scope)).ShouldBe(allowed ? null : OwnScopeGrant.Code);

        var other = (await Portal.KeyAsync(Cast.Alice)).Key;
        var edited = await Portal.Get<KeyEditing>().EditAsync(actor, other.Id, i => i with { Scopes = [scope] });
        edited.Refusal?.Code.ShouldBe(allowed ? null : OwnScopeGrant.Code);
        (await Portal.EntriesAsync(other.Id))[^1].Action.ShouldBe(allowed ? "key.updated" : "permission.refused");
    }

    [Fact]
    public async Task A_key_whose_owner_is_a_developer_is_bound_by_the_role_too()
    {
        var actor = await ActorOfKeyAsync(Cast.Dora, "api-keys:*");
        (await CreateAsync(actor with { Scopes = OwnScopes.All }, "audit:read")).ShouldBe(OwnScopeGrant.Code);
        (await CreateAsync(actor, "api-keys:validate")).ShouldBeNull();
    }

    [Fact]
    public async Task What_a_key_had_already_may_stay_when_somebody_lesser_edits_it()
    {
        var key = (await Portal.KeyAsync(Cast.Alice, with: i => i with { Scopes = ["audit:read"] })).Key;
        var actor = await ActorOfKeyAsync(Cast.Alice, "api-keys:manage");
        (await Portal.Get<KeyEditing>().EditAsync(actor, key.Id, i => i with { Name = "Renamed" })).Value.Scopes.ShouldBe(["audit:read"]);
        (await Portal.Get<KeyEditing>().EditAsync(actor, key.Id, i => i with { Scopes = ["audit:read", "usage:read"] })).Refusal!.Code.ShouldBe(OwnScopeGrant.Code);
    }

    [Fact]
    public async Task A_key_without_the_scope_manages_nothing()
    {
        var actor = await ActorOfKeyAsync(Cast.Alice, "api-keys:validate");
        var other = (await Portal.KeyAsync(Cast.Alice)).Key;
        (await CreateAsync(actor, "triggers:read")).ShouldBe("not_allowed");
        (await Portal.Get<KeyRevocation>().RevokeAsync(actor, other.Id, RevocationReason.Unspecified)).Refusal.ShouldNotBeNull();
        (await Portal.Get<KeyQueries>().ListAsync(actor, new KeyFilter(), 10, null)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await Portal.Get<KeyQueries>().FindManyAsync(actor, [other.Id])).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_changes_others_but_never_itself()
    {
        var actor = await ActorOfKeyAsync(Cast.Alice, "api-keys:manage");
        (await Portal.Get<KeyEditing>().EditAsync(actor, actor.Id, i => i with { Name = "Wider" })).Refusal!.Code.ShouldBe("own_credential");
        (await Portal.Get<KeySuspension>().EnableAsync(actor, actor.Id)).Refusal!.Code.ShouldBe("own_credential");
        (await Portal.Get<KeyRevocation>().RevokeAsync(actor, actor.Id, RevocationReason.Unspecified)).Refusal!.Code.ShouldBe("own_credential");
        (await Portal.EntriesAsync(actor.Id)).Count(e => e.Action == "permission.refused" && e.ActorId == actor.Id).ShouldBe(1, "the same refusal once a minute");

        var other = (await Portal.KeyAsync(Cast.Andy)).Key;
        (await Portal.Get<KeyRevocation>().RevokeAsync(actor, other.Id, RevocationReason.Unspecified)).Value.RevokedBy.ShouldBe(actor.Id);
    }

    [Fact]
    public async Task A_key_made_with_a_key_belongs_to_its_owner()
    {
        var actor = await ActorOfKeyAsync(Cast.Dora, "api-keys:manage");
        var made = (await Portal.Get<KeyIssuance>().CreateAsync(actor, new KeyInput { Name = "Child" }, KeyType.Secret, KeyEnvironment.Test)).Value.Key;
        (made.OwnerId, made.CreatedBy, made.OwnerName).ShouldBe((Cast.Dora.Id, actor.Id, "Dora"));
    }

    [Theory]
    [InlineData(KeyType.Publishable, "")]
    [InlineData(KeyType.Secret, "198.51.100.0/24")]
    public async Task A_publishable_key_or_one_from_elsewhere_is_no_credential(KeyType type, string network)
    {
        var key = await Portal.KeyAsync(Cast.Alice, type: type, with: i => i with { AllowedIps = network.Length > 0 ? [network] : [] });
        (await Portal.Get<CallerAuthentication>().AuthenticateAsync(key.Plaintext.Expose(), new Origin("203.0.113.5", null, null))).Refusal!.Kind.ShouldBe(RefusalKind.Unauthenticated);
    }

    private async Task<string?> CreateAsync(Actor actor, string scope) =>
        (await Portal.Get<KeyIssuance>().CreateAsync(actor, new KeyInput { Name = "Made", Scopes = [scope] }, KeyType.Secret, KeyEnvironment.Test)).Refusal?.Code;

    private async Task<Actor> ActorOfKeyAsync(Actor owner, params string[] scopes)
    {
        var key = await Portal.KeyAsync(owner, "Caller", environment: KeyEnvironment.Live, with: i => i with { Scopes = scopes });
        return (await Portal.Get<CallerAuthentication>().AuthenticateAsync(key.Plaintext.Expose(), new Origin("203.0.113.5", "tests", "req_test"))).Value.Actor;
    }
}
