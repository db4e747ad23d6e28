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
        (await RetireAsync(_cast.Dora, 5)).Value.RetiresAt.ShouldBe(TestClock.Start.AddDays(5), "the end is her own now");
        (await RetireAsync(_cast.Andy, 30)).Value.RetiresAt.ShouldBe(TestClock.Start.AddDays(30));
    }
}
