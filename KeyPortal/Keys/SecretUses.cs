using System.Collections.Concurrent;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>
/// Knows which secrets were ever used. A rotation may drop a secret that nobody used, for its answer may have been lost on the way; it must never drop
/// one in use. So a first use counts from the moment it happens, and is on the disk a second later.
/// </summary>
public sealed partial class SecretUses(Writer writer, TimeProvider clock, ILogger<SecretUses> log) : BackgroundService
{
    private static readonly TimeSpan WritesEvery = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<(string KeyId, int Version), DateTimeOffset> _told = new();
    private bool _failing;

    /// <summary>A valid use. On the hot path: two flags for every use but a secret's first.</summary>
    public void Tell(KeySnapshot key, DateTimeOffset at)
    {
        if (key.IsFirstUse && !key.IsUseTold)
        {
            key.IsUseTold = true;
            _told.TryAdd((key.KeyId, key.SecretVersion), at);
        }
    }

    /// <summary>Was this secret used, so far as is known? Ask before reading the secret's row in the same transaction: what is written is forgotten here.</summary>
    internal bool Knows(string keyId, int version) => _told.ContainsKey((keyId, version));

    /// <summary>Writes the first uses so far; false when the store does not take them now. They are kept for the next time.</summary>
    internal async Task<bool> WriteAsync(CancellationToken cancellationToken = default)
    {
        var told = _told.ToArray();
        if (told.Length == 0)
        {
            return true;
        }

        try
        {
            await writer.RunAsync<bool>(async write =>
            {
                foreach (var ((keyId, version), at) in told)
                {
                    DateTimeOffset? first = at;
                    await write.Set<KeySecret>().Where(s => s.KeyId == keyId && s.Version == version && s.FirstUsedAt == null)
                        .ExecuteUpdateAsync(s => s.SetProperty(x => x.FirstUsedAt, first), cancellationToken);
                }

                return true;
            }, cancellationToken);
            foreach (var (secret, _) in told)
            {
                _told.TryRemove(secret, out _);
            }

            _failing = false;
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (!_failing)
            {
                _failing = true;
                Log.Failing(log, e);
            }

            return false;
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(WritesEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await WriteAsync(stoppingToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "First uses of secrets cannot be written now; they are kept and tried again")]
        public static partial void Failing(ILogger logger, Exception cause);
    }
}
