using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Keys;

/// <summary>What an admin has ended, its owner does not bring back.</summary>
public sealed class EndedByOthersTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;
    private string _key = "";

    public async ValueTask InitializeAsync()
    {
        _cast = await Cast.EnterAsync(_portal);
        _key = (await _portal.KeyAsync(_cast.Dora)).Key.Id;
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private Task<Outcome<KeyView>> DisableAsync(Actor actor) => _portal.Get<KeySuspension>().DisableAsync(actor, _key);

    private Task<Outcome<KeyView>> EnableAsync(Actor actor) => _portal.Get<KeySuspension>().EnableAsync(actor, _key);

    private Task<Outcome<KeyView>> RetireAsync(Actor actor, int days) =>
        _portal.Get<KeyRevocation>().RetireAsync(actor, _key, RevocationReason.Unspecified, TimeSpan.FromDays(days));

    [Fact]
    public async Task A_key_that_an_admin_switched_off_is_switched_on_by_an_admin()
    {
        await DisableAsync(_cast.Andy);

        var refused = (await EnableAsync(_cast.Dora)).Refusal.ShouldNotBeNull();

        (refused.Kind, refused.Code).ShouldBe((RefusalKind.NotAllowed, "ended_by_another"));
        (await _portal.EntriesAsync(_key))[^1].Outcome.ShouldBe(AuditOutcome.Refused);
        (await EnableAsync(_cast.Alice)).Value.Status.ShouldBe(KeyStatus.Active);
    }

    [Fact]
    public async Task A_key_that_its_owner_switched_off_is_the_owners_to_switch_on()
    {
        await DisableAsync(_cast.Andy);
        await EnableAsync(_cast.Andy);
        await DisableAsync(_cast.Dora);

        (await EnableAsync(_cast.Dora)).Value.Status.ShouldBe(KeyStatus.Active);
        (await EnableAsync(_cast.Dora)).Refusal.ShouldBeNull("what is on already is a success");
    }

    [Fact]
    public async Task What_the_owners_key_switched_off_the_owner_switches_on()
    {
        var other = await _portal.KeyAsync(_cast.Dora, environment: KeyEnvironment.Live, with: i => i with { Scopes = [OwnScopes.ApiKeysManage.Value] });
        await DisableAsync(_cast.Dora with { Type = ActorType.ApiKey, Id = other.Key.Id, Scopes = [OwnScopes.ApiKeysManage] });

        (await EnableAsync(_cast.Dora)).Value.Status.ShouldBe(KeyStatus.Active);
    }

    [Fact]
    public async Task An_end_that_an_admin_announced_is_brought_forward_by_anyone_and_put_off_by_an_admin()
    {
        await RetireAsync(_cast.Andy, 7);

        (await RetireAsync(_cast.Dora, 30)).Refusal.ShouldNotBeNull().Code.ShouldBe("ended_by_another");
        (await RetireAsync(_cast.Dora, 3)).Value.RetiresAt.ShouldBe(TestClock.Start.AddDays(3));
        (await RetireAsync(_cast.Dora, 5)).Refusal.ShouldNotBeNull("she brought it forward, and it is his all the same").Code.ShouldBe("ended_by_another");
        (await RetireAsync(_cast.Dora, 2)).Value.RevokedBy.ShouldBe(_cast.Andy.Id);
        (await _portal.EntriesAsync(_key)).Where(e => e.Action == "key.retired").Select(e => e.ActorId).ShouldBe([_cast.Andy.Id, _cast.Dora.Id, _cast.Dora.Id]);
        (await RetireAsync(_cast.Andy, 30)).Value.RetiresAt.ShouldBe(TestClock.Start.AddDays(30));
    }

    [Fact]
    public async Task Whoever_ends_at_once_what_another_announced_is_the_one_who_revoked()
    {
        await RetireAsync(_cast.Andy, 7);

        (await _portal.Get<KeyRevocation>().RevokeAsync(_cast.Dora, _key, RevocationReason.Superseded)).Value.RevokedBy.ShouldBe(_cast.Dora.Id);
    }

    [Fact]
    public async Task An_end_of_ones_own_is_put_off_until_an_admin_announces_another()
    {
        await RetireAsync(_cast.Dora, 3);
        (await RetireAsync(_cast.Dora, 5)).Value.RevokedBy.ShouldBe(_cast.Dora.Id);

        (await RetireAsync(_cast.Andy, 4)).Value.RevokedBy.ShouldBe(_cast.Andy.Id);
        (await RetireAsync(_cast.Dora, 5)).Refusal.ShouldNotBeNull().Code.ShouldBe("ended_by_another");
    }

    [Fact]
    public async Task An_admin_who_switches_off_what_its_owner_has_switched_off_holds_the_owner_to_it()
    {
        await DisableAsync(_cast.Dora);

        (await DisableAsync(_cast.Andy)).Value.Status.ShouldBe(KeyStatus.Disabled);
        (await DisableAsync(_cast.Andy)).Refusal.ShouldBeNull();
        (await DisableAsync(_cast.Dora)).Refusal.ShouldBeNull();

        (await _portal.EntriesAsync(_key)).Where(e => e.Action == "key.disabled").Select(e => e.ActorId).ShouldBe([_cast.Dora.Id, _cast.Andy.Id], "each of them once");
        (await EnableAsync(_cast.Dora)).Refusal.ShouldNotBeNull().Code.ShouldBe("ended_by_another");
        (await EnableAsync(_cast.Alice)).Value.Status.ShouldBe(KeyStatus.Active);
        await DisableAsync(_cast.Dora);
        (await EnableAsync(_cast.Dora)).Value.Status.ShouldBe(KeyStatus.Active, "what was before it was on counts no more");
    }

    [Fact]
    public async Task An_owner_does_not_make_an_admins_act_theirs_by_repeating_it()
    {
        await DisableAsync(_cast.Andy);
        await DisableAsync(_cast.Dora);

        (await EnableAsync(_cast.Dora)).Refusal.ShouldNotBeNull().Code.ShouldBe("ended_by_another");
    }
}
