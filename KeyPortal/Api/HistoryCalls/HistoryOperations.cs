using KeyPortal.Api.Description;
using KeyPortal.Primitives;

namespace KeyPortal.Api.HistoryCalls;

/// <summary>What the description says of the calls about a key's past.</summary>
internal static class HistoryOperations
{
    private const string Tag = "keys";

    public static readonly ApiOperation Usage = new(Tag, "readKeyUsage", "Count a key's calls by outcome over time", "UsageSeries")
    {
        Act = Act.ReadUsage,
        Parameters = ["from", "to", "interval"],
        Problems = [403, 422],
    };

    public static readonly ApiOperation AuditLog = new(Tag, "readKeyAuditLog", "List the audit entries about a key, newest first", "AuditPage")
    {
        Act = Act.ReadAuditLog,
        Parameters = ["limit", "cursor"],
        Problems = [403, 422],
    };
}
