namespace KeyPortal.Limits;

/// <summary>A key came near a limit for the first time in its window (its period).</summary>
/// <param name="LimitName">The rate limit's name, or <see cref="Quota.Name"/>.</param>
/// <param name="Standing">Where the limit stood then.</param>
public sealed record LimitNear(string OrganizationId, string KeyId, string LimitName, LimitStanding Standing, DateTimeOffset At);

/// <summary>Hands on that keys come near their limits, once a window each, without making the call wait.</summary>
public sealed partial class LimitWarnings(ILogger<LimitWarnings> logger)
{
    private const int MostWaiting = 10_000;

    private readonly Lock _changing = new();
    private List<LimitNear> _waiting = [];

    /// <summary>Raised for each warning, on no caller's time, within a second.</summary>
    public event Action<LimitNear>? Near;

    public void Add(LimitNear warning)
    {
        lock (_changing)
        {
            if (_waiting.Count < MostWaiting)
            {
                _waiting.Add(warning);
            }
        }
    }

    /// <summary>Hands on what came since. A listener that fails hinders no other warning.</summary>
    public void Tell()
    {
        List<LimitNear> warnings;
        lock (_changing)
        {
            (warnings, _waiting) = (_waiting, []);
        }

        foreach (var warning in warnings)
        {
            try
            {
                Near?.Invoke(warning);
            }
            catch (Exception e)
            {
                Log.NotTold(logger, e, warning.KeyId);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "A listener failed on the warning that key {KeyId} is near a limit")]
        public static partial void NotTold(ILogger logger, Exception cause, string keyId);
    }
}
