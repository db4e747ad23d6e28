using KeyPortal.Api.Description;

namespace KeyPortal.Api.LeakCalls;

/// <summary>What the description says of the calls that report keys found in public.</summary>
internal static class LeakOperations
{
    private const string Tag = "leaks";

    public static readonly ApiOperation Report = new(Tag, "revokeLeaked", "End keys that were found where they must not be", "LeaksReceived")
    {
        NeedsNoActBecause = "whoever holds a key may end it",
        Credential = ApiCredential.None,
        Success = StatusCodes.Status202Accepted,
        Body = "LeakedKeys",
        Problems = [400, 413, 415, 422, 429],
    };

    public static readonly ApiOperation Scanning = new(Tag, "secretScanningAlerts", "The same as GitHub's secret scanning sends it, signed", "ScanningVerdicts")
    {
        NeedsNoActBecause = "whoever signs with a key of the settings",
        Credential = ApiCredential.None,
        Parameters = ["Github-Public-Key-Identifier", "Github-Public-Key-Signature"],
        Body = "ScanningAlerts",
        Problems = [400, 401, 413, 415, 422],
    };
}
