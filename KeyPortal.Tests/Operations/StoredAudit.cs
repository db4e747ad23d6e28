using System.Text.Json.Nodes;
using KeyPortal.Operations;

namespace KeyPortal.Tests.Operations;

/// <summary>A stopped instance's files, read by SQL and not by the program that wrote them.</summary>
internal static class StoredAudit
{
    public sealed record Entry(string OrganizationId, long Index, string Action, string TargetId, JsonNode Json);

    public static IReadOnlyList<Entry> Read(string dataDirectory)
    {
        using var connection = StoredLogs.Open(Path.Combine(dataDirectory, "keyportal.db"));
        return StoredLogs.Query(connection, """SELECT "OrganizationId", "index", "Action", "TargetId", "Bytes" FROM audit_entries ORDER BY 1, 2""",
            row => new Entry(row.GetString(0), row.GetInt64(1), row.GetString(2), row.GetString(3), JsonNode.Parse(row.GetFieldValue<byte[]>(4))!));
    }

    /// <summary>Every log counts from 0 without a gap, in its columns and in its entries.</summary>
    public static IReadOnlyList<Entry> ShouldBeGapless(this IReadOnlyList<Entry> entries)
    {
        foreach (var log in entries.GroupBy(e => e.OrganizationId))
        {
            log.Select(e => e.Index).ShouldBe(Enumerable.Range(0, log.Count()).Select(i => (long)i));
            log.ShouldAllBe(e => e.Json["index"]!.GetValue<long>() == e.Index);
        }

        return entries;
    }

    /// <summary>Ids of all keys, and of those that are revoked.</summary>
    public static (HashSet<string> All, HashSet<string> Revoked) Keys(string dataDirectory)
    {
        using var connection = StoredLogs.Open(Path.Combine(dataDirectory, "keyportal.db"));
        return ([.. StoredLogs.Query(connection, """SELECT "Id" FROM api_keys""", row => row.GetString(0))],
            [.. StoredLogs.Query(connection, """SELECT "Id" FROM api_keys WHERE "RevokedAt" IS NOT NULL""", row => row.GetString(0))]);
    }
}
