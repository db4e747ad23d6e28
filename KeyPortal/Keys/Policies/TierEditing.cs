using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Limits;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys.Policies;

/// <summary>Reads and changes the tiers that an organization's keys take their limits from.</summary>
public sealed class TierEditing(RuleChange rules, PermissionGate gate, KeyManagement management, IDbContextFactory<KeyPortalDb> contexts)
{
    private static readonly Refusal OwnTier = new(RefusalKind.NotAllowed, "own_credential", "A key cannot change the tier it takes its own limits from. Use another credential.");

    /// <summary>Open to whoever may read keys: who makes one has to know which tiers there are.</summary>
    [Needs(Act.ReadKeys)]
    public async Task<Outcome<TierList>> ReadAsync(Actor actor, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ReadKeys, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var db = contexts.CreateDbContext();
        return await TierLists.OfAsync(db, actor.OrganizationId, cancellationToken);
    }

    /// <summary>
    /// Replaces the tiers; keys that take from them have the new limits when this returns. Refuses: not allowed, no longer as expected, a broken rule (every one named),
    /// a tier that would go while keys name it, a tier that would allow more while key management is switched off or to a key that has limits (<c>limited_credential</c>), and a key that
    /// changes the tier it takes from itself (<c>own_credential</c>).
    /// </summary>
    /// <param name="change">Makes the wanted tiers from those of the moment; it runs inside the transaction, so nothing slips in between.</param>
    /// <param name="expects">Are the tiers still as the caller saw them? Null where that does not matter.</param>
    [Needs(Act.ChangePolicy)]
    public Task<Outcome<TierList>> EditAsync(Actor actor, Func<TierListInput, TierListInput> change, Func<TierList, bool>? expects = null, CancellationToken cancellationToken = default) =>
        rules.RunAsync<TierList>(actor, async (write, organization, _) =>
        {
            var present = await TierLists.OfAsync(write.Db, organization.Id, cancellationToken);
            if (expects?.Invoke(present) == false)
            {
                return RuleChange.Stale;
            }

            var holding = await TierHolders.OfAsync(write.Db, organization.Id, write.Now, ownerId: null, cancellationToken);
            if (!new TierRules(present, holding).Check(change(TierListInput.Of(present))).Succeeded(out var wanted, out var broken))
            {
                return broken;
            }

            if (await TakesFromChangedAsync(write, actor, present, wanted, cancellationToken))
            {
                return OwnTier;
            }

            if (TierWidth.Widens(present, wanted) && (await management.RefuseAsync() ?? await LimitGrant.RefuseWideningAsync(write.Db, actor, cancellationToken)) is { } narrow)
            {
                return narrow;
            }

            var record = Changed(organization, present, wanted);
            if (record is not null)
            {
                await WriteAsync(write, organization.Id, wanted, cancellationToken);
                write.Announce(new TiersChanged(organization.Id));
            }

            return (wanted, record);
        }, cancellationToken);

    /// <summary>Does a key call, and would its own limits be others? What it names binds it when it calls; the default does not.</summary>
    private static async Task<bool> TakesFromChangedAsync(WriteTransaction write, Actor actor, TierList present, TierList wanted, CancellationToken cancellationToken) =>
        actor.Type == ActorType.ApiKey
        && await write.Set<ApiKey>().Where(k => k.Id == actor.Id).Select(k => k.Tier).SingleOrDefaultAsync(cancellationToken) is { } own
        && !KeyLimits.Of([], [], present.Find(own), null).Equals(KeyLimits.Of([], [], wanted.Find(own), null));

    private static async Task WriteAsync(WriteTransaction write, string organizationId, TierList wanted, CancellationToken cancellationToken)
    {
        if (await write.Set<OrganizationTiers>().SingleOrDefaultAsync(t => t.OrganizationId == organizationId, cancellationToken) is { } row)
        {
            (row.Tiers, row.DefaultTier) = (wanted.Tiers, wanted.DefaultTier);
        }
        else
        {
            write.Set<OrganizationTiers>().Add(new OrganizationTiers { OrganizationId = organizationId, Tiers = wanted.Tiers, DefaultTier = wanted.DefaultTier });
        }
    }

    private static AuditRecord? Changed(Organization organization, TierList present, TierList wanted)
    {
        var (before, after) = (Describe(present), Describe(wanted));
        return JsonNode.DeepEquals(before, after)
            ? null
            : new AuditRecord("tiers.changed", AuditTarget.Organization(organization.Id, organization.Name))
            {
                Details = AuditRecord.Change(before.Select(f => f.Key).Union(after.Select(f => f.Key)).Order(StringComparer.Ordinal).Select(field => (field, before[field], after[field]))),
            };
    }

    /// <summary>Each tier is a field of its own, for the log shows those that differ. No name has a dot in it, so none is taken for another field.</summary>
    private static JsonObject Describe(TierList list)
    {
        var described = new JsonObject
        {
            ["default_tier"] = list.DefaultTier,
            ["order"] = new JsonArray([.. list.Tiers.Select(t => (JsonNode?)t.Name)]),
        };
        foreach (var tier in list.Tiers)
        {
            described["tier." + tier.Name] = new JsonObject
            {
                ["description"] = tier.Description,
                ["rate_limits"] = DescribedLimits.RateLimits(tier.RateLimits),
                ["quotas"] = DescribedLimits.Quotas(tier.Quotas),
            };
        }

        return described;
    }
}
