using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>One version of a key's credential as people may see it: nothing of it but its start.</summary>
public sealed record SecretView(int Version, string Start, DateTimeOffset CreatedAt, DateTimeOffset? EndsAt, DateTimeOffset? LastUsedAt, string? LastUsedIp);

/// <summary>The secrets a key has had over time.</summary>
public sealed class SecretQueries(IDbContextFactory<KeyPortalDb> contexts, KeyQueries keys)
{
    /// <summary>Every version, the newest first, of a key the actor may see. Refuses as <see cref="KeyQueries.FindAsync"/> does.</summary>
    [Needs(Act.ReadKeys)]
    public async Task<Outcome<IReadOnlyList<SecretView>>> ListAsync(Actor actor, string keyId, CancellationToken cancellationToken = default)
    {
        if ((await keys.FindAsync(actor, keyId, cancellationToken)).Refusal is { } refusal)
        {
            return refusal;
        }

        await using var db = contexts.CreateDbContext();
        return await db.Set<KeySecret>().AsNoTracking().Where(s => s.KeyId == keyId).OrderByDescending(s => s.Version)
            .Select(s => new SecretView(s.Version, s.Start, s.CreatedAt, s.EndsAt, s.LastUsedAt, s.LastUsedIp)).ToListAsync(cancellationToken);
    }
}
