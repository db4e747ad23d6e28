using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Usage;

/// <summary>Where keys were used from.</summary>
public sealed class AddressQueries(IDbContextFactory<UsageDb> usage, IDbContextFactory<KeyPortalDb> contexts, PermissionGate gate, RollupWriter rollups)
{
    /// <summary>
    /// Ids of the organization's keys of which a valid call is known to have come from the network: by the counts of the last days, of which
    /// <see cref="CallTally.MostValues"/> addresses a key and day are kept, and by each secret's last use however long ago.
    /// </summary>
    /// <exception cref="StorageUnavailableException">The counts cannot be read: an answer without them would leave keys out.</exception>
    [Needs(Act.ReadUsage)]
    public async Task<Outcome<IReadOnlySet<string>>> KeysSeenFromAsync(Actor actor, AllowedNetwork network, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ReadUsage, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        try
        {
            await rollups.FlushAsync(cancellationToken);
            var addresses = new Dictionary<string, bool>(StringComparer.Ordinal);
            var seen = new HashSet<string>(StringComparer.Ordinal);
            void Look(string keyId, string address)
            {
                if (!addresses.TryGetValue(address, out var isInside))
                {
                    addresses[address] = isInside = AllowedNetwork.TryParseAddress(address, out var parsed) && network.Contains(parsed);
                }

                if (isInside)
                {
                    seen.Add(keyId);
                }
            }

            await using var counts = usage.CreateDbContext();
            await foreach (var tally in counts.Set<CallTally>().Where(t => t.Kind == TallyKind.Address && t.Value != CallTally.None).Select(t => new { t.KeyId, t.Value }).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                Look(tally.KeyId, tally.Value);
            }

            await using var db = contexts.CreateDbContext();
            var visible = KeyMatching.Visible(db, actor);
            var last = from secret in db.Set<KeySecret>() join key in visible on secret.KeyId equals key.Id where secret.LastUsedIp != null select new { secret.KeyId, Ip = secret.LastUsedIp! };
            await foreach (var use in last.AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                Look(use.KeyId, use.Ip);
            }

            var own = await visible.Select(k => k.Id).ToListAsync(cancellationToken);
            seen.IntersectWith(own);
            return seen;
        }
        catch (Exception e) when (StorageUnavailableException.From(e) is { } outage)
        {
            throw outage;
        }
    }
}
