using KeyPortal.Primitives;

namespace KeyPortal.Access.Tokens;

/// <summary>Every few minutes: a new signing key when the old one has had its time, and away with keys and refresh tokens that open nothing any more.</summary>
internal sealed partial class TokenUpkeep(SigningKeys keys, RefreshTokens refresh, TimeProvider clock, ILogger<TokenUpkeep> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        do
        {
            await RunAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await keys.KeepAsync(cancellationToken);
            await refresh.ForgetEndedAsync(cancellationToken);
        }
        catch (Exception e) when (e is StorageUnavailableException or IOException or UnauthorizedAccessException)
        {
            Log.Postponed(log, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "The upkeep of tokens waits for the disk: {Cause}")]
        public static partial void Postponed(ILogger logger, string cause);
    }
}
