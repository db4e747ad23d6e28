using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Keys.Bulk;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Usage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Offboarding;

/// <summary>What is known of an incident. Each part narrows the keys down; one at least is needed.</summary>
public sealed record Incident
{
    /// <summary>Id of a member: keys this member made, or a key of this member's.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>An address or a block a valid call came from.</summary>
    public string? SeenFrom { get; init; }

    public DateTimeOffset? CreatedSince { get; init; }
}

/// <summary>
/// Ends all keys that an incident may have touched: first told how many and which, then done on the confirmed number. Within the actor's reach: a developer ends
/// their own keys.
/// </summary>
public sealed class BreakGlass(KeyBulk bulk, AddressQueries addresses, PermissionGate gate, Writer writer, IDbContextFactory<KeyPortalDb> contexts, TimeProvider clock)
{
    [Needs(Act.ChangeKeys)]
    public async Task<Outcome<BulkPreview>> PreviewAsync(Actor actor, Incident incident, CancellationToken cancellationToken = default) =>
        (await FindAsync(actor, incident, cancellationToken)).Succeeded(out var selection, out var refusal)
            ? await bulk.PreviewAsync(actor, BulkAction.Revoke, selection, cancellationToken)
            : refusal;

    /// <summary>Revokes them at once. Beside the entries of the keys one tells of the incident itself.</summary>
    [Needs(Act.ChangeKeys)]
    public async Task<Outcome<BulkResult>> RevokeAsync(Actor actor, Incident incident, int confirmed, RevocationReason reason, BulkWatch? watch = null, CancellationToken cancellationToken = default)
    {
        if (!(await FindAsync(actor, incident, cancellationToken)).Succeeded(out var selection, out var refusal))
        {
            return refusal;
        }

        var revoked = await bulk.RevokeAsync(actor, selection, confirmed, reason, watch, cancellationToken);
        if (revoked.Refusal is null && revoked.Value.Count > 0)
        {
            await writer.RunAsync<bool>(async write =>
            {
                await AuditLog.AppendAsync(write, actor, new AuditRecord("keys.revoked", AuditTarget.Organization(actor.OrganizationId, ""))
                {
                    Details = new JsonObject
                    {
                        ["created_by"] = incident.CreatedBy,
                        ["seen_from"] = incident.SeenFrom,
                        ["created_since"] = incident.CreatedSince is { } since ? AuditLog.Instant(since) : null,
                        ["keys"] = revoked.Value.Changed,
                        ["reason"] = SnakeCase.Of(reason),
                    },
                    PersonalDetails = ["seen_from"],
                }, cancellationToken);
                return true;
            }, cancellationToken);
        }

        return revoked;
    }

    private async Task<Outcome<BulkSelection>> FindAsync(Actor actor, Incident incident, CancellationToken cancellationToken)
    {
        if (await gate.RefuseAsync(actor, Act.ChangeKeys, cancellationToken) is { } forbidden)
        {
            return forbidden;
        }

        if (incident is { CreatedBy: null, SeenFrom: null, CreatedSince: null })
        {
            return Refusal.Invalid("/seen_from", "Say something of the incident: who made the keys, where they were seen, or since when they were made.");
        }

        var filter = new KeyFilter { CreatedBy = incident.CreatedBy, CreatedSince = incident.CreatedSince };
        if (incident.SeenFrom is null)
        {
            return BulkSelection.Of(filter);
        }

        if (!AllowedNetwork.TryParse(incident.SeenFrom, out var network))
        {
            return Refusal.Invalid("/seen_from", "A network is an address (203.0.113.7) or a block whose host bits are zero (10.0.0.0/8, 2001:db8::/32).");
        }

        if (!(await addresses.KeysSeenFromAsync(actor, network, cancellationToken)).Succeeded(out var seen, out var refusal))
        {
            return refusal;
        }

        var now = clock.Now();
        await using var db = contexts.CreateDbContext();
        var others = await KeyMatching.Matching(KeyMatching.Visible(db, actor), db, filter, now)
            .Where(k => (k.RevokedAt == null || k.RevokedAt > now) && k.Id != actor.Id).Select(k => k.Id).ToListAsync(cancellationToken);
        return BulkSelection.Of([.. others.Where(seen.Contains)]);
    }
}
