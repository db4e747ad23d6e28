using KeyPortal.Audit;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Tests.Support;

/// <summary>Reads what was recorded, past every permission.</summary>
public static class AuditTrail
{
    /// <summary>The entries about one thing, oldest first.</summary>
    public static async Task<IReadOnlyList<AuditEntry>> EntriesAsync(this Portal portal, string targetId)
    {
        await using var db = portal.OpenDb();
        return await db.Set<AuditEntry>().AsNoTracking().Where(e => e.TargetId == targetId).OrderBy(e => e.Index).ToListAsync();
    }

    public static async Task<int> CountEntriesAsync(this Portal portal)
    {
        await using var db = portal.OpenDb();
        return await db.Set<AuditEntry>().CountAsync();
    }
}
