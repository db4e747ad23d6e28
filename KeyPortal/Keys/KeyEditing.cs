using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Keys.Policies;
using KeyPortal.Limits;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>Changes a key's name, rules and notes. Its type, environment and secret never change.</summary>
public sealed class KeyEditing(KeyChange keys, PermissionGate gate, KeyManagement management)
{
    /// <param name="change">Makes the wanted rules from those of the moment; it runs inside the transaction, so nothing slips in between.</param>
    [Needs(Act.ChangeKeys)]
    public async Task<Outcome<KeyView>> EditAsync(Actor actor, string keyId, Func<KeyInput, KeyInput> change, CallTerms? terms = null, CancellationToken cancellationToken = default)
    {
        var edited = await keys.RunAsync(actor, keyId, terms, async (write, key) =>
        {
            if (await management.RefuseAsync() is { } off)
            {
                return off;
            }

            if (key.IsRevoked(write.Now))
            {
                return Refusal.Conflict("key_revoked", "A revoked key cannot be changed; it stays as it was for the record.");
            }

            var present = KeyInput.Of(key);
            var policy = (await write.Set<Organization>().AsNoTracking().SingleAsync(o => o.Id == key.OrganizationId, cancellationToken)).Policy;
            var grant = await LimitGrant.OfAsync(write.Db, actor, policy, cancellationToken);
            var input = grant.Settle(change(present), present);
            if (OwnScopeGrant.Check(actor, input.Scopes, already: key.Scopes) is { } lacking)
            {
                return lacking;
            }

            var (before, end) = (Describe(key), key.ExpiresAt);
            var hadExpired = end <= write.Now;
            var catalogue = await write.Set<CatalogueScope>().AsNoTracking().Where(s => s.OrganizationId == key.OrganizationId).ToListAsync(cancellationToken);
            if (new KeyRules(policy, catalogue, await TierLists.OfAsync(write.Db, key.OrganizationId, cancellationToken), write.Now).Apply(input, key) is { } broken)
            {
                return broken;
            }

            if ((grant.Check(key, present) ?? ApprovalNeed.RefuseAdding(key, already: present.Scopes, policy)) is { } ungranted)
            {
                return ungranted;
            }

            if ((key.ExpiresAt ?? DateTimeOffset.MaxValue) > (end ?? DateTimeOffset.MaxValue)
                && (await AbsentOwner.RefuseAsync(write, key, cancellationToken) ?? await LimitGrant.RefuseGivingAsync(write.Db, actor, key, cancellationToken)) is { } left)
            {
                return left;
            }

            // An expired key was not counted; brought back it is one more, and has to be such as could be made.
            if (hadExpired && !(key.ExpiresAt <= write.Now) && (ApprovalNeed.RefuseRenewing(key, policy) ?? await KeyLimit.CheckAsync(write.Db, key, policy, write.Now, cancellationToken)) is { } barred)
            {
                return barred;
            }

            var after = Describe(key);
            return JsonNode.DeepEquals(before, after)
                ? (AuditRecord?)null
                : new AuditRecord("key.updated", AuditTarget.Key(key.Id, key.Name))
                {
                    Details = AuditRecord.Change(after.Select(field => (field.Key, before[field.Key], field.Value))),
                };
        }, cancellationToken);
        return edited.Refusal is { Code: OwnScopeGrant.Code or LimitGrant.ByAdmins } refusal
            ? await gate.RecordAsync(actor, Act.ChangeKeys, AuditTarget.Key(keyId, ""), refusal, cancellationToken)
            : edited;
    }

    /// <summary>What may change about a key, as the audit log tells it.</summary>
    internal static JsonObject Describe(ApiKey key) => new()
    {
        ["name"] = key.Name,
        ["description"] = key.Description,
        ["scopes"] = Texts(key.Scopes),
        ["allowed_ips"] = Texts(key.AllowedIps),
        ["allowed_origins"] = Texts(key.AllowedOrigins),
        ["resources"] = Texts(key.Resources),
        ["tags"] = Texts(key.Tags),
        ["metadata"] = new JsonObject(key.Metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))),
        ["rate_limits"] = DescribedLimits.RateLimits(key.RateLimits),
        ["quotas"] = DescribedLimits.Quotas(key.Quotas),
        ["tier"] = key.Tier,
        ["not_before"] = key.NotBefore is { } start ? AuditLog.Instant(start) : null,
        ["rotation_age_seconds"] = key.RotationAgeSeconds,
        ["expires_at"] = key.ExpiresAt is { } end ? AuditLog.Instant(end) : null,
    };

    private static JsonArray Texts(IReadOnlyList<string> texts) => [.. texts.Select(t => (JsonNode?)t)];
}
