using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys.Policies;

/// <summary>Reads and changes the scopes that an organization's keys may hold.</summary>
public sealed class CatalogueEditing(RuleChange rules, PermissionGate gate, IDbContextFactory<KeyPortalDb> contexts)
{
    /// <summary>The whole catalogue, by name.</summary>
    [Needs(Act.ReadKeys)]
    public async Task<Outcome<IReadOnlyList<CatalogueScope>>> ReadAsync(Actor actor, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ReadKeys, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var db = contexts.CreateDbContext();
        return await db.Set<CatalogueScope>().AsNoTracking().Where(s => s.OrganizationId == actor.OrganizationId).OrderBy(s => s.Name).ToListAsync(cancellationToken);
    }

    /// <summary>
    /// Replaces the catalogue. Refuses: not allowed, no longer as expected, a broken rule (every one named), and a scope that would leave it, or no longer be publishable, while keys
    /// hold it (<c>scope_in_use</c>).
    /// </summary>
    /// <param name="change">Makes the wanted catalogue from that of the moment; it runs inside the transaction, so nothing slips in between.</param>
    /// <param name="expects">Is the catalogue still as the caller saw it? Null where that does not matter.</param>
    [Needs(Act.ChangePolicy)]
    public Task<Outcome<IReadOnlyList<CatalogueScope>>> EditAsync(
        Actor actor, Func<IReadOnlyList<ScopeInput>, IReadOnlyList<ScopeInput>> change, Func<IReadOnlyList<CatalogueScope>, bool>? expects = null, CancellationToken cancellationToken = default) =>
        rules.RunAsync<IReadOnlyList<CatalogueScope>>(actor, async (write, organization, present) =>
        {
            if (expects?.Invoke(present) == false)
            {
                return RuleChange.Stale;
            }

            var wanted = change([.. present.Select(ScopeInput.Of)]);
            if ((new CatalogueRules(present, organization.Policy).Check(wanted) ?? await InUseAsync(write, organization.Id, present, wanted, cancellationToken)) is { } refusal)
            {
                return refusal;
            }

            var catalogue = wanted.Select(input => Made(organization.Id, input)).OrderBy(s => s.Name, StringComparer.Ordinal).ToList();
            var record = Changed(organization, present, catalogue);
            Write(write.Set<CatalogueScope>(), present, catalogue);
            return (catalogue, record);
        }, cancellationToken);

    private static CatalogueScope Made(string organizationId, ScopeInput input) => new()
    {
        OrganizationId = organizationId, Name = input.Name!, Description = input.Description ?? "", Publishable = input.Publishable, ReadOnly = input.ReadOnly,
    };

    private static void Write(DbSet<CatalogueScope> scopes, List<CatalogueScope> present, List<CatalogueScope> wanted)
    {
        var rows = present.ToDictionary(s => s.Name);
        foreach (var scope in wanted)
        {
            if (!rows.Remove(scope.Name, out var row))
            {
                scopes.Add(scope);
                continue;
            }

            (row.Description, row.Publishable, row.ReadOnly) = (scope.Description, scope.Publishable, scope.ReadOnly);
        }

        scopes.RemoveRange(rows.Values);
    }

    /// <summary>What keys hold stays theirs: a scope is taken from the keys first, then from the catalogue.</summary>
    private static async Task<Refusal?> InUseAsync(
        WriteTransaction write, string organizationId, List<CatalogueScope> present, IReadOnlyList<ScopeInput> wanted, CancellationToken cancellationToken)
    {
        var later = wanted.ToDictionary(s => s.Name!);
        var removed = present.Where(s => !later.ContainsKey(s.Name)).Select(s => s.Name).ToList();
        var withdrawn = present.Where(s => s.Publishable && later.TryGetValue(s.Name, out var kept) && !kept.Publishable).Select(s => s.Name).ToList();
        if (removed.Count + withdrawn.Count == 0)
        {
            return null;
        }

        var holdings = await ScopeHolders.OfAsync(write.Db, organizationId, [.. removed, .. withdrawn], write.Now, ownerId: null, cancellationToken);
        List<string> held =
        [
            .. removed.Where(name => holdings.GetValueOrDefault(name, ScopeHolding.None).Explicit > 0).Select(name => $"{name} is held by {Keys(holdings[name].Explicit, "key")}"),
            .. withdrawn.Where(name => holdings.GetValueOrDefault(name, ScopeHolding.None).Publishable > 0).Select(name => $"{name} is held by {Keys(holdings[name].Publishable, "publishable key")}"),
        ];
        return held.Count == 0 ? null : Refusal.Conflict("scope_in_use",
            $"The scope {string.Join(", ", held.Take(3))}{(held.Count > 3 ? $", and {held.Count - 3} more are held" : "")}. Take it from the keys first, or revoke them.");
    }

    private static string Keys(int count, string what) => $"{count:N0} {what}{(count == 1 ? "" : "s")}";

    private static AuditRecord? Changed(Organization organization, IReadOnlyList<CatalogueScope> present, IReadOnlyList<CatalogueScope> wanted)
    {
        var (before, after) = (Describe(present), Describe(wanted));
        return JsonNode.DeepEquals(before, after)
            ? null
            : new AuditRecord("scopes.changed", AuditTarget.Organization(organization.Id, organization.Name))
            {
                Details = AuditRecord.Change(before.Select(s => s.Key).Union(after.Select(s => s.Key)).Order(StringComparer.Ordinal).Select(name => (name, before[name], after[name]))),
            };
    }

    private static JsonObject Describe(IEnumerable<CatalogueScope> scopes) => new(scopes.Select(s => KeyValuePair.Create(s.Name, (JsonNode?)new JsonObject
    {
        ["description"] = s.Description,
        ["publishable"] = s.Publishable,
        ["read_only"] = s.ReadOnly,
    })));
}
