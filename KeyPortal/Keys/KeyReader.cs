using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>Reads one secret and its key from the database: by lookup hash, and only where that finds nothing, by start and verifier.</summary>
public sealed class KeyReader(IDbContextFactory<KeyPortalDb> contexts, Pepper pepper, VerifierHashing verifiers, Writer writer)
{
    private static readonly Func<KeyPortalDb, byte[], Task<Row?>> ByHash = EF.CompileAsyncQuery((KeyPortalDb db, byte[] hash) =>
        (from secret in db.Set<KeySecret>()
         join key in db.Set<ApiKey>() on secret.KeyId equals key.Id
         join member in db.Set<Member>() on new { key.OrganizationId, UserId = key.OwnerId } equals new { member.OrganizationId, member.UserId } into owners
         from owner in owners.DefaultIfEmpty()
         where secret.LookupHash == hash
         select new Row(key, secret, owner.State == MemberState.Active ? (Role?)owner.Role : null)).AsNoTracking().FirstOrDefault());

    /// <exception cref="StorageUnavailableException">The database does not answer.</exception>
    public async Task<KeySnapshot?> ReadAsync(PlaintextKey key, LookupHash hash, CancellationToken cancellationToken)
    {
        try
        {
            await using var db = contexts.CreateDbContext();
            var row = await ByHash(db, hash.ToArray());
            if (row is null && await IndexAsync(db, key, hash, cancellationToken))
            {
                row = await ByHash(db, hash.ToArray());
            }

            return row is null ? null : Snapshot(row, hash);
        }
        catch (Exception e) when (StorageUnavailableException.From(e) is { } outage)
        {
            throw outage;
        }
    }

    /// <summary>
    /// A secret made under another pepper (this one was replaced, or the database restored elsewhere without it) is found by its start, checked
    /// against its verifier once, and indexed under this pepper.
    /// </summary>
    private async Task<bool> IndexAsync(KeyPortalDb db, PlaintextKey key, LookupHash hash, CancellationToken cancellationToken)
    {
        var start = key.Start;
        var candidates = await db.Set<KeySecret>().AsNoTracking()
            .Where(s => s.Start == start && (s.PepperId == null || s.PepperId != pepper.Id)).ToListAsync(cancellationToken);
        foreach (var candidate in candidates)
        {
            if (!await verifiers.VerifyAsync(key, candidate, cancellationToken))
            {
                continue;
            }

            var bytes = hash.ToArray();
            await writer.RunAsync<bool>(async write =>
            {
                await write.Set<KeySecret>().Where(s => s.KeyId == candidate.KeyId && s.Version == candidate.Version)
                    .ExecuteUpdateAsync(s => s.SetProperty(x => x.LookupHash, bytes).SetProperty(x => x.PepperId, pepper.Id), cancellationToken);
                return true;
            }, cancellationToken);
            return true;
        }

        return false;
    }

    private static KeySnapshot Snapshot(Row row, LookupHash hash)
    {
        var (key, secret, role) = row;
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

    private sealed record Row(ApiKey Key, KeySecret Secret, Role? OwnerRole);
}
