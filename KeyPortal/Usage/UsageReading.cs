using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Usage;

/// <summary>What all queries about usage have in common: may the actor, how far, and the counts of the last moment.</summary>
public sealed class UsageReading(
    IDbContextFactory<UsageDb> contexts, IDbContextFactory<KeyPortalDb> keys, PermissionGate gate, RollupWriter rollups, TimeProvider clock)
{
    private static readonly TimeSpan LongestFlush = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs <paramref name="read"/> on what the actor may see: one key's usage, or (null) all within their reach.</summary>
    internal async Task<Outcome<T>> ReadAsync<T>(Actor actor, string? keyId, Func<UsageReach, UsageDb, DateTimeOffset, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            if (!(await ReachAsync(actor, keyId, cancellationToken)).Succeeded(out var reach, out var refusal))
            {
                return refusal;
            }

            await FlushAsync(cancellationToken);
            await using var db = contexts.CreateDbContext();
            return await read(reach, db, clock.Now());
        }
        catch (Exception e) when (StorageUnavailableException.From(e) is { } outage)
        {
            throw outage;
        }
    }

    private async Task<Outcome<UsageReach>> ReachAsync(Actor actor, string? keyId, CancellationToken cancellationToken)
    {
        if (await gate.RefuseAsync(actor, Act.ReadUsage, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var db = keys.CreateDbContext();
        var ofOrganization = db.Set<ApiKey>().Where(k => k.OrganizationId == actor.OrganizationId);
        if (keyId is null)
        {
            return actor.ReachOf(Act.ReadUsage) == Reach.All
                ? new UsageReach(actor.OrganizationId, null)
                : new UsageReach(actor.OrganizationId, await ofOrganization.Where(k => k.OwnerId == actor.MemberId).Select(k => k.Id).ToListAsync(cancellationToken));
        }

        var key = await ofOrganization.Where(k => k.Id == keyId).Select(k => new { k.Name, k.OwnerId }).SingleOrDefaultAsync(cancellationToken);
        if (key is null)
        {
            return Refusal.NotFound("key");
        }

        return await gate.RefuseAsync(actor, Act.ReadUsage, Act.ReadUsage, AuditTarget.Key(keyId, key.Name), key.OwnerId, cancellationToken) is { } hidden
            ? hidden
            : new UsageReach(actor.OrganizationId, [keyId]);
    }

    /// <summary>Brings what was counted a moment ago into the answer. While the store takes nothing, the answer goes without it and does not wait.</summary>
    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (rollups.IsFailing)
        {
            return;
        }

        try
        {
            await Task.Run(() => rollups.FlushAsync(CancellationToken.None), cancellationToken).WaitAsync(LongestFlush, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The disk is slow; the flush goes on by itself.
        }
    }
}
