using KeyPortal.Access.Members;
using KeyPortal.Keys;
using KeyPortal.Offboarding;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;
using KeyPortal.Validation;

namespace KeyPortal.Tests.Offboarding;

public sealed class MemberRemovalTests
{
    [Fact]
    public async Task Revoking_refuses_every_cached_key_at_once()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var (live, disabled, others) = (await LiveKeyAsync(portal, cast.Dora, "Live"), await LiveKeyAsync(portal, cast.Dora, "Disabled"), await LiveKeyAsync(portal, cast.Dan, "Dan's"));
        await portal.Get<KeySuspension>().DisableAsync(cast.Dora, disabled.Key.Id);
        await portal.Get<KeyRevocation>().RevokeAsync(cast.Dora, (await portal.KeyAsync(cast.Dora, "Dead before")).Key.Id, RevocationReason.KeyCompromise);
        (await CodeAsync(portal, cast, live)).ShouldBe(ValidationCode.Valid);
        (await CodeAsync(portal, cast, disabled)).ShouldBe(ValidationCode.Disabled);

        (await portal.Get<MemberRemoval>().RemoveAsync(cast.Andy, cast.Dora.Id, new KeyFate.Revoke())).Refusal.ShouldBeNull();

        (await CodeAsync(portal, cast, live)).ShouldBe(ValidationCode.Revoked);
        (await CodeAsync(portal, cast, disabled)).ShouldBe(ValidationCode.Revoked);
        (await CodeAsync(portal, cast, others)).ShouldBe(ValidationCode.Valid);
        var view = (await portal.Get<KeyQueries>().FindAsync(cast.Alice, live.Key.Id)).Value;
        (view.RevocationReason, view.RevokedBy, view.OwnerName).ShouldBe((RevocationReason.AffiliationChanged, cast.Andy.Id, "Dora"));
        (await portal.EntriesAsync(live.Key.Id)).ShouldContain(e => e.Action == "key.revoked");
        var removed = (await portal.EntriesAsync(cast.Dora.Id)).ShouldHaveSingleItem();
        removed.Action.ShouldBe("member.removed");
        System.Text.Encoding.UTF8.GetString(removed.Bytes).ShouldContain("\"keys\":2,\"keys_fate\":\"revoked\"");
        (await portal.MemberRowAsync(cast.AcmeId, cast.Dora.Id)).State.ShouldBe(MemberState.Removed);
    }

    [Fact]
    public async Task Transferred_keys_go_on_with_the_new_owner_and_the_new_owners_role()
    {
        await using var portal = new Portal(("KeyPortal:Policy:KeysPerMember", "2"));
        var cast = await Cast.EnterAsync(portal);
        var managing = await portal.ManagementKeyAsync(cast.Andy);
        var key = await LiveKeyAsync(portal, cast.Andy, "Checkout");
        await portal.KeyAsync(cast.Dora, "Dora's");
        (await ResultAsync(portal, cast, key)).Key!.OwnerId.ShouldBe(cast.Andy.Id);
        (await portal.Get<CallerAuthentication>().AuthenticateAsync(managing, Origin.None)).Value.Actor.Role.ShouldBe(Role.Admin);

        (await portal.Get<MemberRemoval>().RemoveAsync(cast.Alice, cast.Andy.Id, new KeyFate.Transfer(cast.Dora.Id))).Refusal.ShouldBeNull();

        var result = await ResultAsync(portal, cast, key);
        (result.IsValid, result.Key!.OwnerId).ShouldBe((true, cast.Dora.Id));
        var caller = (await portal.Get<CallerAuthentication>().AuthenticateAsync(managing, Origin.None)).Value.Actor;
        (caller.Role, caller.MemberId).ShouldBe((Role.Developer, cast.Dora.Id));
        (await portal.Get<KeyQueries>().FindAsync(cast.Dora, key.Key.Id)).Value.OwnerName.ShouldBe("Dora");
        var entry = (await portal.EntriesAsync(key.Key.Id))[^1];
        entry.Action.ShouldBe("key.transferred");
        System.Text.Encoding.UTF8.GetString(entry.Bytes).ShouldContain($"\"after\":{{\"owner_id\":\"{cast.Dora.Id}\"}},\"before\":{{\"owner_id\":\"{cast.Andy.Id}\"}}");
        // Three keys of two allowed: none was lost, but Dora makes no more until there are fewer.
        (await portal.Get<KeyIssuance>().CreateAsync(cast.Dora, new KeyInput { Name = "One more" }, KeyType.Secret, KeyEnvironment.Test)).Refusal!.Code.ShouldBe("key_limit_reached");
    }

    [Fact]
    public async Task Retired_keys_answer_until_their_end_and_manage_nothing_meanwhile()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = await LiveKeyAsync(portal, cast.Andy, "Checkout");
        var sooner = await portal.KeyAsync(cast.Andy, "Ends sooner", with: i => i with { Expiry = ExpiryInput.On(TestClock.Start.AddDays(1)) });
        var managing = await portal.ManagementKeyAsync(cast.Andy);
        (await CodeAsync(portal, cast, key)).ShouldBe(ValidationCode.Valid);
        (await portal.Get<CallerAuthentication>().AuthenticateAsync(managing, Origin.None)).Refusal.ShouldBeNull();

        (await portal.Get<MemberRemoval>().RemoveAsync(cast.Alice, cast.Andy.Id, new KeyFate.Retire(TimeSpan.FromDays(7)))).Refusal.ShouldBeNull();

        (await portal.Get<CallerAuthentication>().AuthenticateAsync(managing, Origin.None)).Refusal.ShouldNotBeNull();
        (await portal.EntriesAsync(key.Key.Id))[^1].Action.ShouldBe("key.retired");
        (await portal.EntriesAsync(sooner.Key.Id)).ShouldNotContain(e => e.Action == "key.retired");
        portal.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromMilliseconds(1));
        (await CodeAsync(portal, cast, key)).ShouldBe(ValidationCode.Valid);
        portal.Clock.Advance(TimeSpan.FromMilliseconds(1));
        (await CodeAsync(portal, cast, key)).ShouldBe(ValidationCode.Revoked);
    }

    [Fact]
    public async Task A_retired_key_of_somebody_gone_is_not_brought_back()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = await LiveKeyAsync(portal, cast.Dora, "Checkout");
        await portal.Get<MemberRemoval>().RemoveAsync(cast.Alice, cast.Dora.Id, new KeyFate.Retire(TimeSpan.FromDays(7)));
        Task<Outcome<KeyView>> RetireAsync(int days) => portal.Get<KeyRevocation>().RetireAsync(cast.Alice, key.Key.Id, RevocationReason.AffiliationChanged, TimeSpan.FromDays(days));

        (await RetireAsync(8)).Refusal!.Code.ShouldBe("owner_left");
        (await RetireAsync(2)).Value.RetiresAt.ShouldBe(TestClock.Start.AddDays(2));
        (await portal.Get<KeyRotation>().RotateAsync(cast.Alice, key.Key.Id, new RotationInput())).Refusal!.Code.ShouldBe("key_retiring");
        await portal.Get<KeyEditing>().EditAsync(cast.Alice, key.Key.Id, i => i with { Expiry = ExpiryInput.In(ExpiryChoice.Never) });
        portal.Clock.Advance(TimeSpan.FromDays(2));
        (await CodeAsync(portal, cast, key)).ShouldBe(ValidationCode.Revoked);
    }

    [Fact]
    public async Task An_expired_key_of_somebody_gone_is_not_brought_back()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = await portal.KeyAsync(cast.Dora, "Ends soon", with: i => i with { Expiry = ExpiryInput.On(TestClock.Start.AddDays(1)) });
        await portal.Get<MemberRemoval>().RemoveAsync(cast.Alice, cast.Dora.Id, new KeyFate.Retire(TimeSpan.FromDays(7)));
        portal.Clock.Advance(TimeSpan.FromDays(2));

        (await portal.Get<KeyEditing>().EditAsync(cast.Alice, key.Key.Id, i => i with { Expiry = ExpiryInput.In(ExpiryChoice.Never) })).Refusal!.Code.ShouldBe("owner_left");
        (await portal.Get<KeyRotation>().RotateAsync(cast.Alice, key.Key.Id, new RotationInput())).Refusal!.Code.ShouldBe("owner_left");
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("herself")]
    [InlineData("an auditor")]
    [InlineData("somebody elsewhere")]
    [InlineData("somebody disabled")]
    public async Task Keys_go_only_to_another_active_member_who_may_have_keys(string to)
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = await LiveKeyAsync(portal, cast.Dora, "Checkout");
        await portal.Get<MemberSuspension>().DisableAsync(cast.Alice, cast.Dan.Id);
        var heir = to switch { "herself" => cast.Dora.Id, "an auditor" => cast.Audrey.Id, "somebody elsewhere" => cast.Olaf.Id, "somebody disabled" => cast.Dan.Id, _ => "usr_none" };

        (await portal.Get<MemberRemoval>().RemoveAsync(cast.Alice, cast.Dora.Id, new KeyFate.Transfer(heir))).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/transfer_to");

        (await portal.Get<KeyQueries>().FindAsync(cast.Alice, key.Key.Id)).Value.OwnerId.ShouldBe(cast.Dora.Id);
        (await portal.MemberRowAsync(cast.AcmeId, cast.Dora.Id)).State.ShouldBe(MemberState.Active);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(91)]
    public async Task A_retirement_is_within_90_days(int days)
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);

        (await portal.Get<MemberRemoval>().RemoveAsync(cast.Alice, cast.Dora.Id, new KeyFate.Retire(TimeSpan.FromDays(days)))).Refusal!.Kind.ShouldBe(RefusalKind.Invalid);
    }

    [Fact]
    public async Task Not_by_developers_nor_an_owner_by_an_admin_nor_the_last_owner()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var removal = portal.Get<MemberRemoval>();

        (await removal.RemoveAsync(cast.Dora, cast.Dan.Id, new KeyFate.Revoke())).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await removal.RemoveAsync(cast.Andy, cast.Alice.Id, new KeyFate.Revoke())).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await removal.LeaveAsync(cast.Alice, new KeyFate.Revoke())).Refusal!.Code.ShouldBe("last_owner");
        (await portal.EntriesAsync(cast.Alice.Id)).ShouldHaveSingleItem().Action.ShouldBe("permission.refused");
        (await removal.RemoveAsync(cast.Alice, cast.Dora.Id, new KeyFate.Revoke())).Refusal.ShouldBeNull();
        (await removal.RemoveAsync(cast.Alice, cast.Dora.Id, new KeyFate.Revoke())).Refusal!.Kind.ShouldBe(RefusalKind.NotFound, "gone already");
    }

    [Fact]
    public async Task A_developer_leaves_but_hands_keys_to_nobody_whose_role_is_higher()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        var key = await LiveKeyAsync(portal, cast.Dora, "Checkout");
        var removal = portal.Get<MemberRemoval>();

        (await removal.LeaveAsync(cast.Dora, new KeyFate.Transfer(cast.Alice.Id))).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await removal.RemoveAsync(cast.Dora, cast.Dora.Id, new KeyFate.Revoke())).Refusal.ShouldBeNull();

        (await CodeAsync(portal, cast, key)).ShouldBe(ValidationCode.Revoked);
        (await portal.Get<Membership>().OfAsync(cast.Dora.Id)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_at_stake_is_told_beforehand_live_and_active_first()
    {
        await using var portal = new Portal();
        var cast = await Cast.EnterAsync(portal);
        await portal.KeyAsync(cast.Dora, "A test key");
        var live = await LiveKeyAsync(portal, cast.Dora, "Z live key");
        await portal.Get<KeySuspension>().DisableAsync(cast.Dora, (await LiveKeyAsync(portal, cast.Dora, "Disabled")).Key.Id);
        await CodeAsync(portal, cast, live);
        await CodeAsync(portal, cast, live);

        var told = (await portal.Get<DepartureQueries>().PrepareAsync(cast.Andy, cast.Dora.Id)).Value;

        told.Keys.Select(k => (k.Name, k.Calls)).ShouldBe([("Z live key", 2), ("A test key", 0), ("Disabled", 0)]);
        told.Heirs.Select(h => h.Name).ShouldBe(["Alice", "Andy", "Dan"]);
        (await portal.Get<DepartureQueries>().PrepareAsync(cast.Dora, cast.Dora.Id)).Value.Heirs.ShouldBeEmpty();
        (await portal.Get<DepartureQueries>().PrepareAsync(cast.Dora, cast.Dan.Id)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await portal.Get<DepartureQueries>().PrepareAsync(cast.Olaf, cast.Dora.Id)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
    }

    private static Task<IssuedKey> LiveKeyAsync(Portal portal, Actor owner, string name) => portal.KeyAsync(owner, name, environment: KeyEnvironment.Live);

    private static Task<ValidationResult> ResultAsync(Portal portal, Cast cast, IssuedKey key) =>
        portal.Get<KeyValidator>().ValidateAsync(cast.AcmeId, new ValidationRequest { Key = key.Plaintext.Expose() }).AsTask();

    private static async Task<ValidationCode> CodeAsync(Portal portal, Cast cast, IssuedKey key) => (await ResultAsync(portal, cast, key)).Code;
}
