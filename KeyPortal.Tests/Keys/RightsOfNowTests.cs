using KeyPortal.Access;
using KeyPortal.Access.Members;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Offboarding;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Keys;

/// <summary>An act that began with rights and whose turn came without: the actor here is what the door saw.</summary>
public sealed class RightsOfNowTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private static Refusal Closed(Act act) => PermissionGate.Forbidden(act);

    private Task<Outcome<IssuedKey>> CreateAsync(Actor actor) =>
        _portal.Get<KeyIssuance>().CreateAsync(actor, new KeyInput { Name = "Late", Expiry = ExpiryInput.In(ExpiryChoice.Never) }, KeyType.Secret, KeyEnvironment.Test);

    private Task<Outcome<KeyView>> EditAsync(Actor actor, IssuedKey key) => _portal.Get<KeyEditing>().EditAsync(actor, key.Key.Id, i => i with { Name = "Late" });

    [Fact]
    public async Task A_key_that_was_under_way_when_its_maker_was_removed_is_not_made()
    {
        (await _portal.Get<MemberRemoval>().RemoveAsync(_cast.Andy, _cast.Dora.MemberId, new KeyFate.Revoke())).Refusal.ShouldBeNull();

        (await CreateAsync(_cast.Dora)).Refusal.ShouldBe(Closed(Act.CreateKeys));

        await using var db = _portal.OpenDb();
        (await db.Set<ApiKey>().AnyAsync()).ShouldBeFalse();
        (await _portal.EntriesAsync(_cast.AcmeId)).ShouldContain(e => e.Action == "permission.refused" && e.ActorId == _cast.Dora.Id);
    }

    [Fact]
    public async Task Whoever_was_removed_meanwhile_gets_no_new_secret()
    {
        var key = await _portal.KeyAsync(_cast.Dan);
        (await _portal.Get<MemberRemoval>().RemoveAsync(_cast.Alice, _cast.Andy.MemberId, new KeyFate.Revoke())).Refusal.ShouldBeNull();

        (await _portal.Get<KeyRotation>().RotateAsync(_cast.Andy, key.Key.Id, new RotationInput())).Refusal.ShouldBe(Closed(Act.ChangeKeys));
        (await _portal.Get<KeyQueries>().FindAsync(_cast.Alice, key.Key.Id)).Value.SecretVersion.ShouldBe(1);
    }

    [Fact]
    public async Task A_role_taken_away_meanwhile_counts()
    {
        var key = await _portal.KeyAsync(_cast.Dan);
        (await _portal.Get<MemberRoles>().ChangeAsync(_cast.Alice, _cast.Andy.MemberId, Role.Auditor)).Refusal.ShouldBeNull();

        (await CreateAsync(_cast.Andy)).Refusal.ShouldBe(Closed(Act.CreateKeys));
        (await EditAsync(_cast.Andy, key)).Refusal.ShouldBe(Closed(Act.ChangeKeys));
        (await _portal.EntriesAsync(key.Key.Id)).ShouldContain(e => e.Action == "permission.refused" && e.ActorId == _cast.Andy.Id);
    }

    [Fact]
    public async Task A_session_that_ended_meanwhile_makes_and_changes_nothing()
    {
        var key = await _portal.KeyAsync(_cast.Dora);
        var dora = _cast.Dora with { SessionId = (await _portal.SessionAsync(_cast.Dora)).SessionId };
        await _portal.Get<Writer>().RunAsync<int>(async write => await Sessions.EndAllAsync(write, dora.MemberId, SessionEnd.PasswordChanged));

        (await CreateAsync(dora)).Refusal.ShouldBe(Closed(Act.CreateKeys));
        (await EditAsync(dora, key)).Refusal.ShouldBe(Closed(Act.ChangeKeys));
    }

    [Fact]
    public async Task A_management_key_that_was_revoked_meanwhile_leaves_no_key_behind()
    {
        var manager = await _portal.KeyAsync(_cast.Alice, with: i => i with { Scopes = [OwnScopes.ApiKeysManage.Value] });
        var caller = _cast.Alice with { Type = ActorType.ApiKey, Id = manager.Key.Id, Scopes = [OwnScopes.ApiKeysManage] };
        (await CreateAsync(caller)).Refusal.ShouldBeNull();
        await _portal.Get<KeyRevocation>().RevokeAsync(_cast.Alice, manager.Key.Id, RevocationReason.KeyCompromise);

        (await CreateAsync(caller)).Refusal.ShouldBe(Closed(Act.CreateKeys));
    }
}
