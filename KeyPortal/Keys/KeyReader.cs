using KeyPortal.Limits;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>What a read found. <paramref name="MayBeKept"/>: the database holds it under the hash it was asked for, so that a change of it will name that hash.</summary>
public readonly record struct KeyRead(KeySnapshot? Key, bool MayBeKept);

/// <summary>Reads one secret and its key from the database: by lookup hash, and only where that finds nothing, in the ways of <see cref="SecretFinder"/>.</summary>
public sealed partial class KeyReader(IDbContextFactory<KeyPortalDb> contexts, Pepper pepper, SecretFinder finder, Writer writer, ILogger<KeyReader> log)
{
    private static long _reads;

    private volatile bool _failing;

    private static readonly Func<KeyPortalDb, byte[], Task<Row?>> ByHash = EF.CompileAsyncQuery((KeyPortalDb db, byte[] hash) =>
        (from secret in db.Set<KeySecret>()
         join key in db.Set<ApiKey>() on secret.KeyId equals key.Id
         join member in db.Set<Member>() on new { key.OrganizationId, UserId = key.OwnerId } equals new { member.OrganizationId, member.UserId } into owners
         from owner in owners.DefaultIfEmpty()
         join tiers in db.Set<OrganizationTiers>() on key.OrganizationId equals tiers.OrganizationId into changed
         from tiers in changed.DefaultIfEmpty()
         where secret.LookupHash == hash
         select new Row(key, secret, owner.State == MemberState.Active ? (Role?)owner.Role : null, tiers)).AsNoTracking().FirstOrDefault());

    /// <summary>To be taken before a key's limits are read; see <see cref="LimitedKey"/>.</summary>
    internal static long NextReadNumber() => Interlocked.Increment(ref _reads);

    /// <exception cref="StorageUnavailableException">The database does not answer.</exception>
    public async Task<KeyRead> ReadAsync(PresentedKey key, LookupHash hash, CancellationToken cancellationToken)
    {
        var number = NextReadNumber();
        try
        {
            await using var db = contexts.CreateDbContext();
            var bytes = hash.ToArray();
            if (await ByHash(db, bytes) is { } indexed)
            {
                return new KeyRead(Snapshot(indexed, hash, number), MayBeKept: true);
            }

            if (await finder.FindAsync(db, key, cancellationToken) is not { } found)
            {
                return new KeyRead(null, MayBeKept: true);
            }

            // Read once more in any case: what was found may have been revoked while it was checked.
            await IndexAsync(found, bytes, cancellationToken);
            return await ByHash(db, bytes) is { } row ? new KeyRead(Snapshot(row, hash, number), MayBeKept: true)
                : new KeyRead(Snapshot(await ReadUnindexedAsync(db, found, cancellationToken), hash, number), MayBeKept: false);
        }
        catch (Exception e) when (StorageUnavailableException.From(e) is { } outage)
        {
            throw outage;
        }
    }

    /// <summary>
    /// Writes the lookup hash under this pepper, once. A write that fails is no reason to refuse a good key: it is found the long way until one succeeds.
    /// </summary>
    private async Task IndexAsync(KeySecret found, byte[] hash, CancellationToken cancellationToken)
    {
        try
        {
            await writer.RunAsync<bool>(async write =>
            {
                await write.Set<KeySecret>().Where(s => s.KeyId == found.KeyId && s.Version == found.Version && (s.PepperId == null || s.PepperId != pepper.Id))
                    .ExecuteUpdateAsync(s => s.SetProperty(x => x.LookupHash, hash).SetProperty(x => x.PepperId, pepper.Id), cancellationToken);
                return true;
            }, cancellationToken);
            _failing = false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (!_failing)
            {
                _failing = true;
                Log.NotIndexed(log, e, found.KeyId);
            }
        }
    }

    private static async Task<Row> ReadUnindexedAsync(KeyPortalDb db, KeySecret found, CancellationToken cancellationToken)
    {
        var secret = await db.Set<KeySecret>().AsNoTracking().SingleAsync(s => s.KeyId == found.KeyId && s.Version == found.Version, cancellationToken);
        var key = await db.Set<ApiKey>().AsNoTracking().SingleAsync(k => k.Id == found.KeyId, cancellationToken);
        var role = await db.Set<Member>().Where(m => m.OrganizationId == key.OrganizationId && m.UserId == key.OwnerId && m.State == MemberState.Active).Select(m => (Role?)m.Role).SingleOrDefaultAsync(cancellationToken);
        var tiers = await db.Set<OrganizationTiers>().AsNoTracking().SingleOrDefaultAsync(t => t.OrganizationId == key.OrganizationId, cancellationToken);
        return new Row(key, secret, role, tiers);
    }

    private static KeySnapshot Snapshot(Row row, LookupHash hash, long number)
    {
        var (key, secret, role, changed) = row;
        var tiers = changed?.ToList() ?? TierList.Initial;
        return new KeySnapshot
        {
            Hash = hash,
            KeyId = key.Id,
            OrganizationId = key.OrganizationId,
            Name = key.Name,
            Type = key.Type,
            Environment = key.Environment,
            OwnerId = key.OwnerId,
            OwnerRole = role,
            Scopes = [.. key.Scopes.Select(Scope.Parse)],
            Networks = [.. key.AllowedIps.Select(t => AllowedNetwork.TryParse(t, out var n) ? n : throw new InvalidDataException($"Key {key.Id} holds a network that is none."))],
            Origins = [.. key.AllowedOrigins.Select(t => AllowedOrigin.TryParse(t, out var o) ? o : throw new InvalidDataException($"Key {key.Id} holds an origin that is none."))],
            Resources = key.Resources,
            Metadata = key.Metadata,
            Limits = KeyLimits.Of(key.RateLimits, key.Quotas, tiers.Find(key.Tier), tiers.Find(tiers.DefaultTier)),
            CounterId = CounterId.Of(key.Id),
            ReadNumber = number,
            NotBefore = key.NotBefore,
            ExpiresAt = key.ExpiresAt,
            IsDisabled = key.DisabledAt is not null,
            RevokedAt = key.RevokedAt,
            IsPending = key.IsPending,
            IsFirstUse = secret.FirstUsedAt is null,
            SecretVersion = secret.Version,
            SecretEndsAt = secret.EndsAt,
        };
    }

    private sealed record Row(ApiKey Key, KeySecret Secret, Role? OwnerRole, OrganizationTiers? Tiers);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Key {KeyId} was found the slow way and its lookup hash could not be written; until it can, each use of such a key is slow")]
        public static partial void NotIndexed(ILogger logger, Exception cause, string keyId);
    }
}
