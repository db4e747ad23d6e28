using KeyPortal.Keys;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Usage;

/// <summary>What of an organization's usage a query covers: everything, or these keys.</summary>
internal sealed record UsageReach(string OrganizationId, IReadOnlyList<string>? KeyIds)
{
    public IQueryable<UsageRow> Rows(UsageDb db, bool byMinute)
    {
        var rows = byMinute
            ? db.Set<MinuteRollup>().Where(r => r.OrganizationId == OrganizationId).Select(r => new UsageRow { KeyId = r.KeyId, SecretVersion = r.SecretVersion, Time = r.Minute, Code = r.Code, Count = r.Count })
            : db.Set<HourRollup>().Where(r => r.OrganizationId == OrganizationId).Select(r => new UsageRow { KeyId = r.KeyId, SecretVersion = r.SecretVersion, Time = r.Hour, Code = r.Code, Count = r.Count });
        return KeyIds is null ? rows : rows.Where(r => KeyIds.Contains(r.KeyId));
    }

    /// <summary>Those of <paramref name="keyIds"/> within reach.</summary>
    public IReadOnlyList<string> Narrow(IReadOnlyCollection<string> keyIds) =>
        KeyIds is null ? [.. keyIds.Distinct()] : [.. keyIds.Distinct().Where(KeyIds.Contains)];
}

/// <summary>A rollup of either kind; <see cref="Time"/> counts its minutes or hours.</summary>
internal sealed class UsageRow
{
    public required string KeyId { get; init; }

    public required int SecretVersion { get; init; }

    public required int Time { get; init; }

    public required ValidationCode Code { get; init; }

    public required long Count { get; init; }
}
