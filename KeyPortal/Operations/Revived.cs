using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Operations;

/// <summary>A key that is revoked in the data a restore replaces, and not in the backup: restoring would bring it back to life.</summary>
public sealed record RevokedSince(string KeyId, string OrganizationId, string Name, DateTimeOffset RevokedAt, string RevokedBy, RevocationReason Reason);

/// <summary>A secret that had an end in the replaced data, and none or a later one in the backup.</summary>
internal sealed record EndedSince(string KeyId, int Version, DateTimeOffset EndsAt);

/// <summary>Finds what an older backup would bring back to life, and ends it there too. See docs/decisions/0010-restore-and-revocations.md.</summary>
internal sealed record Revived(IReadOnlyList<RevokedSince> Keys, IReadOnlyList<EndedSince> Secrets)
{
    public static readonly Revived Nothing = new([], []);

    private const string RevokedSql = """
        SELECT "Id", "OrganizationId", "Name", "RevokedAt", "RevokedBy", "RevocationReason" FROM api_keys WHERE "RevokedAt" IS NOT NULL
        """;

    private const string EndedSql = """SELECT "KeyId", "Version", "EndsAt" FROM key_secrets WHERE "EndsAt" IS NOT NULL""";

    /// <param name="present">The database that is to be replaced.</param>
    /// <param name="restored">The one that takes its place.</param>
    /// <exception cref="SqliteException">The present one cannot be read.</exception>
    public static Revived Find(string present, string restored)
    {
        using var now = StoredLogs.Open(present);
        using var then = StoredLogs.Open(restored);
        var live = StoredLogs.Query(then, """SELECT "Id" FROM api_keys WHERE "RevokedAt" IS NULL""", row => row.GetString(0)).ToHashSet();
        var ends = StoredLogs.Query(then, """SELECT "KeyId", "Version", "EndsAt" FROM key_secrets""", row => (Secret: (row.GetString(0), row.GetInt32(1)), EndsAt: row.IsDBNull(2) ? long.MaxValue : row.GetInt64(2)))
            .ToDictionary(s => s.Secret, s => s.EndsAt);
        return new Revived(
            [.. StoredLogs.Query(now, RevokedSql, ToRevoked).Where(key => live.Contains(key.KeyId))],
            [.. StoredLogs.Query(now, EndedSql, row => new EndedSince(row.GetString(0), row.GetInt32(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2))))
                .Where(s => ends.TryGetValue((s.KeyId, s.Version), out var end) && end > s.EndsAt.ToUnixTimeMilliseconds())]);
    }

    /// <summary>Ends them in <paramref name="write"/>'s database as they were ended, each revocation with an entry of its own.</summary>
    public async Task ApplyAsync(WriteTransaction write, CancellationToken cancellationToken)
    {
        foreach (var revoked in Keys)
        {
            var key = await write.Set<ApiKey>().SingleAsync(k => k.Id == revoked.KeyId, cancellationToken);
            key.Revoke(revoked.RevokedAt, revoked.RevokedBy, revoked.Reason);
            key.Revision++;
            await AuditLog.AppendAsync(write, Actor.System(key.OrganizationId), new AuditRecord("key.revoked", AuditTarget.Key(key.Id, key.Name))
            {
                Details = new()
                {
                    ["reason"] = SnakeCase.Of(revoked.Reason),
                    ["start"] = key.Start,
                    ["carried_over_a_restore"] = true,
                    ["revoked_at"] = AuditLog.Instant(revoked.RevokedAt),
                    ["revoked_by"] = revoked.RevokedBy,
                },
            }, cancellationToken);
        }

        foreach (var ended in Secrets)
        {
            var secret = await write.Set<KeySecret>().SingleAsync(s => s.KeyId == ended.KeyId && s.Version == ended.Version, cancellationToken);
            secret.EndsAt = ended.EndsAt;
        }
    }

    private static RevokedSince ToRevoked(SqliteDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        row.GetString(2),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
        row.IsDBNull(4) ? "" : row.GetString(4),
        SnakeCase.TryParse<RevocationReason>(row.IsDBNull(5) ? null : row.GetString(5), out var reason) ? reason : RevocationReason.Unspecified);
}
