using KeyPortal.Access.Members;
using KeyPortal.Keys;
using KeyPortal.Keys.Policies;
using KeyPortal.Offboarding;
using KeyPortal.Primitives;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Keys.Policies;

public sealed class KeyApprovalTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private KeyApproval Approval => _portal.Get<KeyApproval>();

    private Task<Outcome<KeyView>> ApproveAsync(Actor actor, IssuedKey key) => Approval.ApproveAsync(actor, key.Key.Id, CallTerms.Seen(key.Key));

    /// <summary>A key of somebody's that acts, with all of KeyPortal's own scopes.</summary>
    private async Task<Actor> KeyOfAsync(Actor owner)
    {
        var key = await _portal.LiveKeyAsync(owner, "api-keys:manage");
        return owner with { Type = ActorType.ApiKey, Id = key.Key.Id, Name = key.Key.Name, Scopes = OwnScopes.All };
    }

    [Fact]
    public async Task A_key_that_waits_is_refused_until_a_second_person_approves_it()
    {
        var key = await _portal.PendingKeyAsync(_cast, _cast.Dora);
        (await _portal.CodeOfAsync(_cast, key)).ShouldBe(ValidationCode.NotYetValid);

        var approved = (await ApproveAsync(_cast.Andy, key)).Value;

        (approved.Status, approved.Revision).ShouldBe((KeyStatus.Active, 2));
        (await _portal.CodeOfAsync(_cast, key)).ShouldBe(ValidationCode.Valid);
        (await _portal.EntriesAsync(key.Key.Id)).Select(e => (e.Action, e.ActorId)).ShouldBe(
            [("key.created", _cast.Dora.Id), ("key.revealed", _cast.Dora.Id), ("key.approval_requested", _cast.Dora.Id), ("key.approved", _cast.Andy.Id)]);
        (await _portal.AuditAsync(_cast.Alice, "key.approved"))[0].Details["scopes"]!.ToJsonString().ShouldBe("""["triggers:write"]""");
    }

    [Fact]
    public async Task A_declined_key_is_revoked_for_good()
    {
        var key = await _portal.PendingKeyAsync(_cast, _cast.Dora);

        var declined = (await Approval.DeclineAsync(_cast.Alice, key.Key.Id, "  Use the read-only one  ")).Value;

        (declined.Status, declined.RevocationReason, declined.RevokedBy).ShouldBe((KeyStatus.Revoked, RevocationReason.PrivilegeWithdrawn, _cast.Alice.Id));
        (await _portal.CodeOfAsync(_cast, key)).ShouldBe(ValidationCode.Revoked);
        var entry = (await _portal.AuditAsync(_cast.Alice, "key.declined")).ShouldHaveSingleItem();
        entry.Details["words"]!.GetValue<string>().ShouldBe("Use the read-only one");
        entry.Details["reason"]!.GetValue<string>().ShouldBe("privilege_withdrawn");
        (await Approval.ApproveAsync(_cast.Andy, key.Key.Id)).Refusal!.Code.ShouldBe("key_revoked");
        (await Approval.DeclineAsync(_cast.Alice, key.Key.Id)).Refusal!.Code.ShouldBe("key_revoked");
    }

    [Fact]
    public async Task A_reason_is_text_of_a_bounded_length()
    {
        var key = await _portal.PendingKeyAsync(_cast, _cast.Dora);

        (await Approval.DeclineAsync(_cast.Alice, key.Key.Id, new string('x', 501))).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/reason");
        (await Approval.DeclineAsync(_cast.Alice, key.Key.Id, "a\0b")).Refusal!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/reason");
        (await Approval.DeclineAsync(_cast.Alice, key.Key.Id, new string('x', 500))).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Nobody_decides_on_a_key_of_their_own_making_nor_does_a_key_of_theirs()
    {
        var alices = await KeyOfAsync(_cast.Alice);
        var key = await _portal.PendingKeyAsync(_cast, _cast.Alice);
        var made = await _portal.LiveKeyAsync(alices, "triggers:write");

        foreach (var (actor, wanted) in new[] { (_cast.Alice, key), (alices, key), (_cast.Alice, made), (alices with { Id = "key_another" }, made) })
        {
            (await ApproveAsync(actor, wanted)).Refusal.ShouldBe(KeyApproval.OwnRequest);
            (await Approval.DeclineAsync(actor, wanted.Key.Id)).Refusal.ShouldBe(KeyApproval.OwnRequest);
        }

        (await _portal.AuditAsync(_cast.Alice, "permission.refused")).ShouldAllBe(e => e.Details["act"]!.GetValue<string>() == "approve_keys");
        (await ApproveAsync(await KeyOfAsync(_cast.Andy), key)).Value.Status.ShouldBe(KeyStatus.Active);
        (await ApproveAsync(_cast.Andy, made)).Value.Status.ShouldBe(KeyStatus.Active);
    }

    [Fact]
    public async Task Whoever_changed_a_key_that_waits_has_asked_for_it_too()
    {
        var key = await _portal.PendingKeyAsync(_cast, _cast.Dora);
        (await _portal.Get<KeyEditing>().EditAsync(await KeyOfAsync(_cast.Andy), key.Key.Id, i => i with { Scopes = ["triggers:*", "events:read"] })).Refusal.ShouldBeNull();

        (await Approval.ApproveAsync(_cast.Andy, key.Key.Id)).Refusal.ShouldBe(KeyApproval.OwnRequest);
        (await Approval.ApproveAsync(_cast.Alice, key.Key.Id)).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task A_key_handed_on_while_it_waits_is_decided_on_by_neither_the_old_owner_nor_the_new()
    {
        var second = await _portal.OlafJoinsAcmeAsync(_cast, Role.Admin);
        var key = await _portal.PendingKeyAsync(_cast, _cast.Andy);
        var byKey = await _portal.LiveKeyAsync(await KeyOfAsync(_cast.Andy), "triggers:write");
        (await _portal.Get<MemberRemoval>().RemoveAsync(_cast.Alice, _cast.Andy.Id, new KeyFate.Transfer(_cast.Alice.Id))).Refusal.ShouldBeNull();
        var token = await _portal.InvitedAsync(_cast.Alice, "andy@acme.example", Role.Admin);
        (await _portal.Get<InvitationAcceptance>().AcceptAsync(token, await _portal.SessionAsync(_cast.Andy), Origin.None)).Refusal.ShouldBeNull();

        foreach (var wanted in new[] { key, byKey })
        {
            (await _portal.Get<KeyQueries>().FindAsync(_cast.Alice, wanted.Key.Id)).Value.ShouldSatisfyAllConditions(k => k.Status.ShouldBe(KeyStatus.Pending), k => k.OwnerId.ShouldBe(_cast.Alice.Id));
            (await Approval.ApproveAsync(_cast.Alice, wanted.Key.Id)).Refusal.ShouldBe(KeyApproval.OwnRequest);
            (await Approval.ApproveAsync(_cast.Andy, wanted.Key.Id)).Refusal.ShouldBe(KeyApproval.OwnRequest);
            (await Approval.ApproveAsync(second, wanted.Key.Id)).Value.Status.ShouldBe(KeyStatus.Active);
        }
    }

    [Fact]
    public async Task Developers_auditors_and_other_organizations_decide_nothing()
    {
        var key = await _portal.PendingKeyAsync(_cast, _cast.Dora);

        (await ApproveAsync(_cast.Dan, key)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await ApproveAsync(_cast.Audrey, key)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        (await ApproveAsync(_cast.Olaf, key)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
        (await Approval.DeclineAsync(_cast.Olaf, key.Key.Id)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);

        (await _portal.CodeOfAsync(_cast, key)).ShouldBe(ValidationCode.NotYetValid);
        (await _portal.AuditAsync(_cast.Alice, "permission.refused")).Select(e => e.ActorId).ShouldBe([_cast.Audrey.Id, _cast.Dan.Id]);
    }

    [Fact]
    public async Task A_key_that_does_not_wait_is_not_decided_on()
    {
        var key = await _portal.LiveKeyAsync(_cast.Dora, "triggers:write");

        (await ApproveAsync(_cast.Alice, key)).Refusal!.Code.ShouldBe("not_pending");
        (await Approval.DeclineAsync(_cast.Alice, key.Key.Id)).Refusal!.Code.ShouldBe("not_pending");
        (await _portal.CodeOfAsync(_cast, key)).ShouldBe(ValidationCode.Valid);
    }

    [Fact]
    public async Task With_key_management_off_a_key_can_be_declined_but_not_approved()
    {
        var (one, two) = (await _portal.PendingKeyAsync(_cast, _cast.Dora), await _portal.PendingKeyAsync(_cast, _cast.Dora));
        _portal.TurnKeyManagement("false");

        (await ApproveAsync(_cast.Alice, one)).Refusal.ShouldBe(KeyManagement.Off);
        (await Approval.DeclineAsync(_cast.Alice, two.Key.Id)).Value.Status.ShouldBe(KeyStatus.Revoked);
    }

    [Fact]
    public async Task The_key_of_somebody_who_has_left_can_only_be_declined()
    {
        var key = await _portal.PendingKeyAsync(_cast, _cast.Dora);
        (await _portal.Get<MemberRemoval>().RemoveAsync(_cast.Alice, _cast.Dora.Id, new KeyFate.Retire(TimeSpan.FromDays(30)))).Refusal.ShouldBeNull();

        (await Approval.ApproveAsync(_cast.Alice, key.Key.Id)).Refusal!.Code.ShouldBe("owner_left");
        (await Approval.DeclineAsync(_cast.Alice, key.Key.Id)).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Each_approver_is_shown_what_waits_for_them_and_requesters_who_decides()
    {
        var doras = await _portal.PendingKeyAsync(_cast, _cast.Dora);
        _portal.Clock.Advance(TimeSpan.FromSeconds(1));
        var alices = await _portal.PendingKeyAsync(_cast, _cast.Alice);
        async Task<IEnumerable<string>> WaitingAsync(Actor actor) => (await Approval.WaitingAsync(actor, 5)).Value.Select(k => k.Id);

        (await WaitingAsync(_cast.Alice)).ShouldBe([doras.Key.Id]);
        (await WaitingAsync(_cast.Andy)).ShouldBe([doras.Key.Id, alices.Key.Id]);
        (await WaitingAsync(_cast.Olaf)).ShouldBeEmpty();
        (await Approval.WaitingAsync(_cast.Dora, 5)).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);

        (await Approval.StandingAsync(_cast.Dora, doras.Key.Id)).Value.ShouldSatisfyAllConditions(s => (s.MayDecide, s.IsRequester).ShouldBe((false, true)), s => s.Approvers.ShouldBe(["Alice", "Andy"], ignoreOrder: true));
        (await Approval.StandingAsync(_cast.Alice, alices.Key.Id)).Value.ShouldSatisfyAllConditions(s => (s.MayDecide, s.IsRequester).ShouldBe((false, true)), s => s.Approvers.ShouldBe(["Andy"]));
        (await Approval.StandingAsync(_cast.Audrey, alices.Key.Id)).Value.ShouldSatisfyAllConditions(s => (s.MayDecide, s.IsRequester).ShouldBe((false, false)));
        (await Approval.StandingAsync(_cast.Andy, alices.Key.Id)).Value.MayDecide.ShouldBeTrue();
        (await Approval.StandingAsync(_cast.Dora, alices.Key.Id)).Refusal!.Kind.ShouldBe(RefusalKind.NotFound);
    }
}
