using KeyPortal.Keys;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Keys;

public sealed class KeyRotationTests : IAsyncLifetime
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private Task<Outcome<IssuedKey>> RotateAsync(string keyId, TimeSpan? grace = null, bool force = false, Actor? actor = null) =>
        _portal.Get<KeyRotation>().RotateAsync(actor ?? _cast.Alice, keyId, new RotationInput(grace, force));

    private async Task<ValidationCode> UseAsync(IssuedKey key) => (await ValidateAsync(key)).Code;

    private async Task<ValidationResult> ValidateAsync(IssuedKey key) =>
        await _portal.Get<KeyValidator>().ValidateAsync(key.Key.OrganizationId, new ValidationRequest { Key = key.Plaintext.Expose() });

    [Fact]
    public async Task Both_secrets_validate_until_the_grace_period_ends_and_then_only_the_new_one()
    {
        var old = await _portal.KeyAsync(_cast.Alice);
        (await UseAsync(old)).ShouldBe(ValidationCode.Valid);
        var rotated = (await RotateAsync(old.Key.Id, TimeSpan.FromHours(1))).Value;

        (rotated.Key.Id, rotated.Key.SecretVersion, rotated.Key.RotatedAt).ShouldBe((old.Key.Id, 2, TestClock.Start));
        rotated.Key.PreviousValidUntil.ShouldBe(TestClock.Start.AddHours(1));
        rotated.Key.Start.ShouldBe(rotated.Plaintext.Start);
        rotated.Plaintext.Expose().ShouldNotBe(old.Plaintext.Expose());
        var before = await ValidateAsync(old);
        before.Code.ShouldBe(ValidationCode.Valid);
        before.Warnings.ShouldHaveSingleItem().Code.ShouldBe(KeyWarningCode.Superseded);
        (await ValidateAsync(rotated)).Warnings.ShouldBeEmpty();

        _portal.Clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromMilliseconds(1));
        (await UseAsync(old), await UseAsync(rotated)).ShouldBe((ValidationCode.Valid, ValidationCode.Valid));
        _portal.Clock.Advance(TimeSpan.FromMilliseconds(1));
        (await UseAsync(old), await UseAsync(rotated)).ShouldBe((ValidationCode.Expired, ValidationCode.Valid));
    }

    [Fact]
    public async Task Without_grace_the_old_secret_is_dead_when_the_call_returns()
    {
        var old = await _portal.KeyAsync(_cast.Alice);
        (await UseAsync(old)).ShouldBe(ValidationCode.Valid);

        var rotated = (await RotateAsync(old.Key.Id, TimeSpan.Zero)).Value;

        (await UseAsync(old), await UseAsync(rotated)).ShouldBe((ValidationCode.Expired, ValidationCode.Valid));
    }

    [Fact]
    public async Task The_policy_decides_where_no_grace_is_named()
    {
        var key = await _portal.KeyAsync(_cast.Alice);
        (await RotateAsync(key.Key.Id)).Value.Key.PreviousValidUntil.ShouldBe(TestClock.Start + Day);
    }

    [Fact]
    public async Task A_retry_after_a_lost_answer_drops_the_secret_nobody_used_and_leaves_the_one_in_use_alone()
    {
        var old = await _portal.KeyAsync(_cast.Alice);
        await UseAsync(old);
        var lost = (await RotateAsync(old.Key.Id, Day)).Value;
        _portal.Clock.Advance(TimeSpan.FromHours(1));

        var kept = (await RotateAsync(old.Key.Id, Day)).Value;

        (await UseAsync(lost), await UseAsync(old), await UseAsync(kept)).ShouldBe((ValidationCode.Expired, ValidationCode.Valid, ValidationCode.Valid));
        (kept.Key.SecretVersion, kept.Key.PreviousValidUntil).ShouldBe((3, TestClock.Start + Day), "the end that was announced");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Once_the_new_secret_is_in_use_rotating_again_within_grace_is_refused_unless_forced(bool written)
    {
        var old = await _portal.KeyAsync(_cast.Alice);
        var second = (await RotateAsync(old.Key.Id, Day)).Value;
        (await UseAsync(second)).ShouldBe(ValidationCode.Valid);
        if (written)
        {
            (await _portal.Get<SecretUses>().WriteAsync()).ShouldBeTrue();
            _portal.Get<SecretUses>().Knows(old.Key.Id, 2).ShouldBeFalse("it is on the disk now");
        }

        (await RotateAsync(old.Key.Id, Day)).Refusal!.Code.ShouldBe("rotation_under_way");
        (await UseAsync(old), await UseAsync(second)).ShouldBe((ValidationCode.Valid, ValidationCode.Valid));

        var third = (await RotateAsync(old.Key.Id, TimeSpan.FromHours(2), force: true)).Value;
        (await UseAsync(old), await UseAsync(second), await UseAsync(third)).ShouldBe((ValidationCode.Expired, ValidationCode.Valid, ValidationCode.Valid));
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(2_592_000, true)]
    [InlineData(2_592_001, false)]
    public async Task A_grace_period_is_thirty_days_at_most(long seconds, bool allowed)
    {
        var key = await _portal.KeyAsync(_cast.Alice);
        var outcome = await RotateAsync(key.Key.Id, TimeSpan.FromSeconds(seconds));
        (outcome.Refusal is null).ShouldBe(allowed);
        if (!allowed)
        {
            outcome.Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/grace_period_seconds");
        }
    }

    [Fact]
    public async Task The_old_secret_can_be_ended_early_or_kept_longer()
    {
        var old = await _portal.KeyAsync(_cast.Alice);
        await RotateAsync(old.Key.Id, Day);
        var rotation = _portal.Get<KeyRotation>();

        (await rotation.EndPreviousAsync(_cast.Alice, old.Key.Id, TestClock.Start + (3 * Day))).Value.PreviousValidUntil.ShouldBe(TestClock.Start + (3 * Day));
        _portal.Clock.Advance(2 * Day);
        (await UseAsync(old)).ShouldBe(ValidationCode.Valid);
        (await rotation.EndPreviousAsync(_cast.Alice, old.Key.Id, _portal.Clock.Now + KeyRotation.LongestGrace + TimeSpan.FromSeconds(1))).Refusal!.Kind.ShouldBe(RefusalKind.Invalid);
        (await rotation.EndPreviousAsync(_cast.Alice, old.Key.Id, _portal.Clock.Now)).Refusal.ShouldBeNull();
        (await UseAsync(old)).ShouldBe(ValidationCode.Expired);
        (await rotation.EndPreviousAsync(_cast.Alice, old.Key.Id, _portal.Clock.Now)).Refusal!.Code.ShouldBe("no_previous_secret");
        (await _portal.EntriesAsync(old.Key.Id)).Count(e => e.Action == "key.grace_changed").ShouldBe(2);
    }

    [Fact]
    public async Task An_expired_key_is_renewed_and_its_old_secret_stays_dead()
    {
        var old = await _portal.KeyAsync(_cast.Alice, with: i => i with { Expiry = ExpiryInput.In(ExpiryChoice.Days30) });
        _portal.Clock.Advance(TimeSpan.FromDays(31));
        (await UseAsync(old)).ShouldBe(ValidationCode.Expired);

        var renewed = (await RotateAsync(old.Key.Id, Day)).Value;

        renewed.Key.ExpiresAt.ShouldBe(_portal.Clock.Now.AddDays(90));
        (await UseAsync(old), await UseAsync(renewed)).ShouldBe((ValidationCode.Expired, ValidationCode.Valid));
    }

    [Fact]
    public async Task A_policy_without_room_for_a_longer_life_renews_nothing()
    {
        var old = await _portal.KeyAsync(_cast.Alice, with: i => i with { Expiry = ExpiryInput.In(ExpiryChoice.Days30) });
        await using (var db = _portal.OpenDb())
        {
            var organization = await db.Set<Organization>().SingleAsync(o => o.Id == _cast.AcmeId);
            organization.Policy.MaxLifetimeSeconds = (long)TimeSpan.FromDays(30).TotalSeconds;
            await db.SaveChangesAsync();
        }

        _portal.Clock.Advance(TimeSpan.FromDays(31));
        (await RotateAsync(old.Key.Id)).Refusal!.Code.ShouldBe("renewal_not_allowed");
    }

    [Fact]
    public async Task Of_rotating_and_revoking_at_once_the_end_is_revoked()
    {
        for (var round = 0; round < 5; round++)
        {
            var key = await _portal.KeyAsync(_cast.Alice);
            var rotating = Task.Run(() => RotateAsync(key.Key.Id, Day));
            var revoking = Task.Run(() => _portal.Get<KeyRevocation>().RevokeAsync(_cast.Alice, key.Key.Id, RevocationReason.KeyCompromise));
            (await revoking).Refusal.ShouldBeNull();
            var rotated = await rotating;

            (await UseAsync(key)).ShouldBe(ValidationCode.Revoked);
            if (rotated.Refusal is null)
            {
                (await UseAsync(rotated.Value)).ShouldBe(ValidationCode.Revoked);
            }
            else
            {
                rotated.Refusal.Code.ShouldBe("key_revoked");
            }
        }
    }

    [Fact]
    public async Task Of_twenty_rotations_at_once_at_most_two_secrets_live()
    {
        var key = await _portal.KeyAsync(_cast.Alice);
        await UseAsync(key);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => RotateAsync(key.Key.Id, Day))));

        outcomes.ShouldAllBe(o => o.Refusal == null, "each drops the one before, which nobody used");
        await using var db = _portal.OpenDb();
        (await db.Set<KeySecret>().CountAsync(s => s.KeyId == key.Key.Id && (s.EndsAt == null || s.EndsAt > _portal.Clock.Now))).ShouldBe(2);
        (await UseAsync(key)).ShouldBe(ValidationCode.Valid);
    }

    [Fact]
    public async Task Who_may_not_change_the_key_may_not_rotate_it()
    {
        var key = await _portal.KeyAsync(_cast.Dan);
        (await RotateAsync(key.Key.Id, actor: _cast.Audrey)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await RotateAsync(key.Key.Id, actor: _cast.Dora)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await RotateAsync(key.Key.Id, actor: _cast.Olaf)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await UseAsync(key)).ShouldBe(ValidationCode.Valid);
    }

    [Fact]
    public async Task A_rotation_hands_on_none_of_KeyPortals_own_scopes_that_the_actor_lacks()
    {
        var auditing = await _portal.KeyAsync(_cast.Alice, with: i => i with { Scopes = ["audit:read"] });
        var manager = _cast.Alice with { Type = ActorType.ApiKey, Id = "key_manager", Scopes = [OwnScopes.ApiKeysManage] };

        (await RotateAsync(auditing.Key.Id, actor: manager)).Refusal!.Code.ShouldBe("scope_not_grantable");

        (await _portal.EntriesAsync(auditing.Key.Id))[^1].Action.ShouldBe("permission.refused");
    }

    [Fact]
    public async Task A_live_keys_new_secret_goes_to_nobody_without_a_second_factor()
    {
        var (live, test) = (await _portal.KeyAsync(_cast.Dan, environment: KeyEnvironment.Live), await _portal.KeyAsync(_cast.Dan));
        await _portal.WithoutSecondFactorAsync(_cast.Andy);

        (await RotateAsync(live.Key.Id, actor: _cast.Andy)).Refusal.ShouldBe(KeyIssuance.SecondFactorRequired);

        (await _portal.EntriesAsync(live.Key.Id))[^1].Action.ShouldBe("permission.refused");
        (await RotateAsync(test.Key.Id, actor: _cast.Andy)).Refusal.ShouldBeNull();
        (await RotateAsync(live.Key.Id, actor: _cast.Alice)).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task A_rotation_is_two_entries_without_the_secret()
    {
        var key = await _portal.KeyAsync(_cast.Alice);
        var rotated = (await RotateAsync(key.Key.Id, Day)).Value;

        var entries = (await _portal.EntriesAsync(key.Key.Id)).Skip(2).ToList();
        entries.Select(e => e.Action).ShouldBe(["key.rotated", "key.revealed"]);
        entries.ShouldAllBe(e => !System.Text.Encoding.UTF8.GetString(e.Bytes).Contains(rotated.Plaintext.Expose().Substring(8, 20), StringComparison.Ordinal));
    }
}
