using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Storage;

/// <summary>
/// Names a call that must be done once only (<c>Idempotency-Key</c>). What it did is noted in the transaction that does it: either both are there or neither.
/// </summary>
/// <param name="Path">The same key on another path is another call.</param>
/// <param name="KeyHash">SHA-256 of the caller's key, 32 bytes.</param>
/// <param name="BodyHash">SHA-256 of the body, 32 bytes.</param>
public sealed record OnceOnly(string OrganizationId, string Path, byte[] KeyHash, byte[] BodyHash)
{
    /// <summary>How long a call is remembered.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromDays(1);

    /// <summary>The call as it was done within the last day, or null.</summary>
    public Task<IdempotentCall?> FindAsync(KeyPortalDb db, DateTimeOffset now, CancellationToken cancellationToken = default) =>
        Same(db).AsNoTracking().SingleOrDefaultAsync(c => c.DoneAt > now - Remembered, cancellationToken);

    /// <summary>Notes inside <paramref name="write"/> that it is done. Done twice, it fails on the table's key and undoes the second.</summary>
    public async Task DoneAsync(WriteTransaction write, string resourceId, CancellationToken cancellationToken = default)
    {
        await Same(write.Db).Where(c => c.DoneAt <= write.Now - Remembered).ExecuteDeleteAsync(cancellationToken);
        write.Set<IdempotentCall>().Add(new IdempotentCall
        {
            OrganizationId = OrganizationId,
            Path = Path,
            KeyHash = KeyHash,
            BodyHash = BodyHash,
            ResourceId = resourceId,
            DoneAt = write.Now,
        });
    }

    private IQueryable<IdempotentCall> Same(KeyPortalDb db) =>
        db.Set<IdempotentCall>().Where(c => c.OrganizationId == OrganizationId && c.Path == Path && c.KeyHash == KeyHash);
}
