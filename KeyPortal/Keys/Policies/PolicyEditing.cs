using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;

namespace KeyPortal.Keys.Policies;

/// <summary>Reads and changes what an organization demands of its keys. A changed policy binds keys that are made or changed from then on and harms none that is there.</summary>
public sealed class PolicyEditing(RuleChange rules, PermissionGate gate, Membership memberships)
{
    /// <summary>Open to whoever may read keys: who makes one has to know what it must be like.</summary>
    [Needs(Act.ReadKeys)]
    public async Task<Outcome<OrganizationPolicy>> ReadAsync(Actor actor, CancellationToken cancellationToken = default) =>
        await gate.RefuseAsync(actor, Act.ReadKeys, cancellationToken) is { } refusal ? refusal : await memberships.PolicyAsync(actor.OrganizationId, cancellationToken);

    /// <summary>Replaces the policy. Refuses: not allowed, no longer as expected, a broken rule (every one named).</summary>
    /// <param name="change">Makes the wanted policy from that of the moment; it runs inside the transaction, so nothing slips in between.</param>
    /// <param name="expects">Is the policy still as the caller saw it? Null where that does not matter.</param>
    [Needs(Act.ChangePolicy)]
    public Task<Outcome<OrganizationPolicy>> EditAsync(Actor actor, Func<PolicyInput, PolicyInput> change, Func<OrganizationPolicy, bool>? expects = null, CancellationToken cancellationToken = default) =>
        rules.RunAsync<OrganizationPolicy>(actor, (_, organization, catalogue) =>
        {
            var policy = organization.Policy;
            if (expects?.Invoke(policy) == false)
            {
                return Task.FromResult<Outcome<(OrganizationPolicy, AuditRecord?)>>(RuleChange.Stale);
            }

            var before = Describe(policy);
            return Task.FromResult<Outcome<(OrganizationPolicy, AuditRecord?)>>(
                new PolicyRules(catalogue).Apply(change(PolicyInput.Of(policy)), policy) is { } broken ? broken : (policy, Changed(organization, before)));
        }, cancellationToken);

    private static AuditRecord? Changed(Organization organization, JsonObject before)
    {
        var after = Describe(organization.Policy);
        return JsonNode.DeepEquals(before, after)
            ? null
            : new AuditRecord("policy.changed", AuditTarget.Organization(organization.Id, organization.Name))
            {
                Details = AuditRecord.Change(after.Select(field => (field.Key, before[field.Key], field.Value))),
            };
    }

    private static JsonObject Describe(OrganizationPolicy policy) => new()
    {
        ["default_expires_in"] = policy.DefaultExpiry.WireName(),
        ["max_lifetime_seconds"] = policy.MaxLifetimeSeconds,
        ["never_expires_allowed"] = policy.NeverExpiresAllowed,
        ["keys_per_member"] = policy.KeysPerMember,
        ["default_grace_period_seconds"] = policy.DefaultGracePeriodSeconds,
        ["rotation_age_seconds"] = policy.RotationAgeSeconds,
        ["networks_required_for_live"] = policy.NetworksRequiredForLive,
        ["approval_scopes"] = new JsonArray([.. policy.ApprovalScopes.Select(s => (JsonNode?)s)]),
        ["limits_by_admins"] = policy.LimitsByAdmins,
    };
}
