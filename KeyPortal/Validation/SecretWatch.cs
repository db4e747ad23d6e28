using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Storage;

namespace KeyPortal.Validation;

/// <summary>A secret that had ended was presented: somebody's system was forgotten, or somebody has what they should not.</summary>
public sealed record SecretReused(string OrganizationId, string KeyId, string KeyName, int SecretVersion, bool IsRevoked, string? Ip, DateTimeOffset At);

/// <summary>
/// Hears what becomes of presented secrets. Of those that had ended, by the end of their grace period or with their key, it writes an entry, once an hour
/// at most. Off the hot path: a validation hands over and goes on, and what does not fit is dropped, for the first one is there already.
/// </summary>
public sealed partial class SecretWatch(SecretUses uses, Writer writer, ILogger<SecretWatch> log) : BackgroundService
{
    private const int Remembered = 10_000;
    private static readonly TimeSpan Quiet = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<(string KeyId, int Version), DateTimeOffset> _told = new();
    private readonly Channel<SecretReused> _waiting = Channel.CreateBounded<SecretReused>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Used(KeySnapshot key, DateTimeOffset now) => uses.Tell(key, now);

    public void Refused(KeySnapshot key, string? ip, DateTimeOffset now)
    {
        var isRevoked = key.RevokedAt <= now;
        if (!isRevoked && !(key.SecretEndsAt <= now))
        {
            return;
        }

        var secret = (key.KeyId, key.SecretVersion);
        if (_told.TryGetValue(secret, out var last) && now - last < Quiet)
        {
            return;
        }

        if (_told.Count >= Remembered)
        {
            _told.Clear();
        }

        _told[secret] = now;
        _waiting.Writer.TryWrite(new SecretReused(key.OrganizationId, key.KeyId, key.Name, key.SecretVersion, isRevoked, ip, now));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var reused in _waiting.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await WriteAsync(reused, stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The next use is told again.
                _told.TryRemove((reused.KeyId, reused.SecretVersion), out _);
                Log.NotWritten(log, e, reused.KeyId);
            }
        }
    }

    /// <summary>Where it came from is what the caller said of its client, so it stands in the details and not as the entry's own address.</summary>
    private async Task WriteAsync(SecretReused reused, CancellationToken cancellationToken) =>
        await writer.RunAsync<bool>(async write =>
        {
            var address = AllowedNetwork.TryParseAddress(reused.Ip, out var ip) ? ip.ToString() : null;
            await AuditLog.AppendAsync(write, Actor.System(reused.OrganizationId), new AuditRecord("key.reuse_detected", AuditTarget.Key(reused.KeyId, reused.KeyName))
            {
                Outcome = AuditOutcome.Refused,
                Details = new JsonObject { ["secret_version"] = reused.SecretVersion, ["ended_by"] = reused.IsRevoked ? "revocation" : "rotation", ["client_ip"] = address },
                PersonalDetails = ["client_ip"],
            }, cancellationToken);
            write.Announce(reused);
            return true;
        }, cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "An ended secret of key {KeyId} was presented, which could not be written")]
        public static partial void NotWritten(ILogger logger, Exception cause, string keyId);
    }
}
