using KeyPortal.Keys;
using KeyPortal.Keys.Policies;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Keys.Policies;

public sealed class PolicyEditingTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private Cast _cast = null!;

    public async ValueTask InitializeAsync() => _cast = await Cast.EnterAsync(_portal);

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private Task<Outcome<OrganizationPolicy>> EditAsync(Actor actor, Func<PolicyInput, PolicyInput> change) => _portal.Get<PolicyEditing>().EditAsync(actor, change);

    private async Task<OrganizationPolicy> PolicyAsync(Actor actor) => (await _portal.Get<PolicyEditing>().ReadAsync(actor)).Value;

    [Fact]
    public async Task A_changed_policy_is_what_everybody_reads_and_stands_in_the_log_with_what_it_was()
    {
        (await EditAsync(_cast.Andy, _ => new PolicyInput
        {
            DefaultExpiresIn = "30d",
            MaxLifetimeSeconds = 30 * 86_400,
            NeverExpiresAllowed = false,
            KeysPerMember = 3,
            DefaultGracePeriodSeconds = 0,
            RotationAgeSeconds = 7_776_000,
            NetworksRequiredForLive = true,
            ApprovalScopes = ["triggers:write", "organizations:*", "triggers:write"],
            LimitsByAdmins = true,
        })).Refusal.ShouldBeNull();

        foreach (var reader in new[] { _cast.Alice, _cast.Dora, _cast.Audrey })
        {
            var policy = await PolicyAsync(reader);
            (policy.DefaultExpiry, policy.MaxLifetimeSeconds, policy.NeverExpiresAllowed, policy.KeysPerMember).ShouldBe((ExpiryChoice.Days30, 2_592_000L, false, 3));
            (policy.DefaultGracePeriodSeconds, policy.RotationAgeSeconds, policy.NetworksRequiredForLive).ShouldBe((0L, 7_776_000L, true));
            policy.ApprovalScopes.ShouldBe(["triggers:write", "organizations:*"]);
            policy.LimitsByAdmins.ShouldBeTrue();
        }

        var entry = (await _portal.AuditAsync(_cast.Alice, "policy.changed")).ShouldHaveSingleItem();
        (entry.ActorId, entry.TargetId).ShouldBe((_cast.Andy.Id, _cast.AcmeId));
        entry.Details["before"]!["keys_per_member"]!.GetValue<int>().ShouldBe(10);
        entry.Details["after"]!["approval_scopes"]!.ToJsonString().ShouldBe("""["triggers:write","organizations:*"]""");
        (await PolicyAsync(_cast.Olaf)).KeysPerMember.ShouldBe(10, "another organization's policy is its own");
    }

    [Fact]
    public async Task Only_what_changes_is_recorded_and_nothing_where_nothing_does()
    {
        (await EditAsync(_cast.Alice, p => p)).Value.KeysPerMember.ShouldBe(10);
        (await EditAsync(_cast.Alice, p => p with { KeysPerMember = 11 })).Refusal.ShouldBeNull();
        (await EditAsync(_cast.Alice, p => p with { KeysPerMember = 11 })).Refusal.ShouldBeNull();

        (await _portal.AuditAsync(_cast.Alice, "policy.changed")).ShouldHaveSingleItem().Details.ToJsonString().ShouldBe("""{"after":{"keys_per_member":11},"before":{"keys_per_member":10}}""");
    }

    [Fact]
    public async Task Developers_and_auditors_read_the_policy_and_cannot_change_it()
    {
        foreach (var person in new[] { _cast.Dora, _cast.Audrey })
        {
            (await EditAsync(person, p => p with { KeysPerMember = 1_000 })).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);
        }

        (await PolicyAsync(_cast.Dora)).KeysPerMember.ShouldBe(10);
        (await _portal.AuditAsync(_cast.Alice, "permission.refused")).Select(e => e.ActorId).ShouldBe([_cast.Dora.Id, _cast.Audrey.Id], ignoreOrder: true);
    }

    [Fact]
    public async Task Every_broken_rule_is_named_at_once()
    {
        var refused = (await EditAsync(_cast.Alice, p => p with { KeysPerMember = 0, DefaultGracePeriodSeconds = -1, DefaultExpiresIn = "soon", ApprovalScopes = ["x"] })).Refusal!;

        refused.Code.ShouldBe("validation_failed");
        refused.Errors.Select(e => e.Pointer).ShouldBe(["/keys_per_member", "/default_grace_period_seconds", "/default_expires_in", "/approval_scopes/0"]);
        refused.Errors.ShouldAllBe(e => e.Detail.EndsWith('.'));
    }

    [Fact]
    public async Task A_stricter_policy_harms_no_key_that_is_there()
    {
        var old = await _portal.LiveKeyAsync(_cast.Dora, "triggers:write");
        await _portal.LiveKeyAsync(_cast.Dora, "triggers:read");

        await _portal.PolicyAsync(_cast.Alice, p => p with { KeysPerMember = 1, NeverExpiresAllowed = false, MaxLifetimeSeconds = 7_776_000, NetworksRequiredForLive = true, ApprovalScopes = ["triggers:*"] });

        var renamed = (await _portal.Get<KeyEditing>().EditAsync(_cast.Dora, old.Key.Id, i => i with { Name = "Renamed" })).Value;
        (renamed.Name, renamed.Status, renamed.ExpiresAt).ShouldBe(("Renamed", KeyStatus.Active, null));
        (await _portal.CodeOfAsync(_cast, old)).ShouldBe(ValidationCode.Valid);
        (await _portal.Get<KeyRotation>().RotateAsync(_cast.Dora, old.Key.Id, new RotationInput())).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Whoever_was_demoted_meanwhile_changes_nothing()
    {
        (await _portal.Get<KeyPortal.Access.Members.MemberRoles>().ChangeAsync(_cast.Alice, _cast.Andy.MemberId, Role.Developer)).Refusal.ShouldBeNull();

        (await EditAsync(_cast.Andy, p => p with { KeysPerMember = 1_000 })).Refusal!.Kind.ShouldBe(RefusalKind.NotAllowed);

        (await PolicyAsync(_cast.Alice)).KeysPerMember.ShouldBe(10);
        (await _portal.AuditAsync(_cast.Alice, "permission.refused")).ShouldHaveSingleItem().ActorId.ShouldBe(_cast.Andy.Id);
    }
}
