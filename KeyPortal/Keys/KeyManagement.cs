using KeyPortal.Primitives;
using Microsoft.FeatureManagement;

namespace KeyPortal.Keys;

/// <summary>
/// The feature flag <see cref="Flag"/>, read at each act, so that turning it takes effect without a restart. Off, nothing adds to what keys may do:
/// none is made, changed or enabled, and no tier becomes wider. Validation goes on, and so does all that takes away: whoever stops key management in an emergency must still be
/// able to revoke.
/// </summary>
public sealed partial class KeyManagement(IFeatureManager features, ILogger<KeyManagement> log)
{
    public const string Flag = "enable-api-key-management";

    /// <summary>On when no setting says otherwise; stands below every other source.</summary>
    public static readonly KeyValuePair<string, string?> Default = new($"FeatureManagement:{Flag}", "true");

    public static readonly Refusal Off = new(
        RefusalKind.NotAllowed, "key_management_disabled", "Creating, changing and enabling keys is switched off on this instance. Keys go on being validated, and can be disabled and revoked.");

    public async Task<bool> IsOnAsync()
    {
        try
        {
            return await features.IsEnabledAsync(Flag);
        }
        catch (FeatureManagementException e)
        {
            // A switch whose setting cannot be read is off: it is there to stop something.
            Log.Unreadable(log, Flag, e.Message);
            return false;
        }
    }

    public async Task<Refusal?> RefuseAsync() => await IsOnAsync() ? null : Off;

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The feature flag {Flag} counts as off, for its setting cannot be read: {Cause}")]
        public static partial void Unreadable(ILogger logger, string flag, string cause);
    }
}
