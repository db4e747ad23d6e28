using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys.Reminders;

/// <summary>Finds the deadlines of an organization's keys that are to be reminded of and have not been.</summary>
internal static class KeyDeadlines
{
    public static async Task<IReadOnlyList<DueReminder>> DueAsync(KeyPortalDb db, string organizationId, long? policyAge, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var horizon = now.AddDays(DueReminder.Days[0]);
        var keys = db.Set<ApiKey>().AsNoTracking().Where(k => k.OrganizationId == organizationId && k.DisabledAt == null
            && (k.RevokedAt == null || k.RevokedAt > now) && (k.ExpiresAt == null || k.ExpiresAt > now) && (k.ApprovalAskedAt == null || k.ApprovedAt != null));
        var due = await ReadAsync(db, keys.Where(k => k.ExpiresAt <= horizon && (k.RevokedAt == null || k.RevokedAt > k.ExpiresAt)),
            Deadline.Expiry, key => (key.ExpiresAt!.Value, key.CreatedAt), now, cancellationToken);

        // A key that is being retired gets no new secret.
        foreach (var old in await RotationAge.DueByAsync(keys.Where(k => k.RevokedAt == null), policyAge, horizon, cancellationToken))
        {
            due.AddRange((await ReadAsync(db, old, Deadline.Rotation, key => (key.RotationDueAt(policyAge)!.Value, key.SecretMadeAt), now, cancellationToken))
                // Whose key ends before is told of that.
                .Where(d => !(d.Key.ExpiresAt <= d.At)));
        }

        return due;
    }

    private static async Task<List<DueReminder>> ReadAsync(
        KeyPortalDb db, IQueryable<ApiKey> keys, Deadline deadline, Func<ApiKey, (DateTimeOffset At, DateTimeOffset Since)> read, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var found = await keys.Select(key => new
        {
            Key = key,
            Sent = db.Set<SentReminder>().Where(r => r.KeyId == key.Id && r.Deadline == deadline).Select(r => new { r.DueAt, r.DaysBefore }).ToList(),
        }).ToListAsync(cancellationToken);
        return
        [
            .. from candidate in found
               let times = read(candidate.Key)
               let days = DueReminder.DaysDue(times.At, times.Since, now)
               where days is not null && !candidate.Sent.Exists(s => s.DueAt == times.At && s.DaysBefore == days)
               select new DueReminder(candidate.Key, deadline, times.At, days.Value),
        ];
    }
}
