using KeyPortal.Keys;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Usage;

/// <summary>
/// Writes when and from where each key and each of its secrets was last used onto their records. A use is no change: it leaves the revision alone and makes no audit entry.
/// Never moves backwards, so trying again does no harm.
/// </summary>
public sealed partial class LastUses(UsageRecorder recorder, Writer writer, TimeProvider clock, ILogger<LastUses> logger) : IDisposable
{
    /// <summary>So many keys a transaction: revoking a key must not wait behind a hundred thousand uses.</summary>
    internal const int AtOnce = 500;

    private readonly WriteTurn _turn = new(clock, e => Log.Failing(logger, e));
    private readonly Dictionary<UsedSecret, LastUse> _pending = [];

    /// <summary>Writes all uses so far; false when the store does not take them now. They are kept for the next time.</summary>
    public Task<bool> WriteAsync(CancellationToken cancellationToken = default) => _turn.RunAsync(async token =>
    {
        recorder.TakeUses(_pending);
        while (_pending.Count > 0)
        {
            var some = _pending.Take(AtOnce).ToList();
            await WriteAsync(some, token);
            some.ForEach(use => _pending.Remove(use.Key));
        }
    }, cancellationToken);

    public void Dispose() => _turn.Dispose();

    private async Task WriteAsync(List<KeyValuePair<UsedSecret, LastUse>> uses, CancellationToken cancellationToken) =>
        await writer.RunAsync<bool>(async write =>
        {
            foreach (var ((keyId, version), use) in uses)
            {
                DateTimeOffset? at = use.At;
                var ip = AllowedNetwork.TryParseAddress(use.Ip, out var address) ? address.ToString() : null;
                await write.Set<ApiKey>()
                    .Where(k => k.Id == keyId && k.OrganizationId == use.OrganizationId && (k.LastUsedAt == null || k.LastUsedAt < at))
                    .ExecuteUpdateAsync(k => k.SetProperty(x => x.LastUsedAt, at).SetProperty(x => x.LastUsedIp, ip), cancellationToken);
                await write.Set<KeySecret>()
                    .Where(s => s.KeyId == keyId && s.Version == version && (s.LastUsedAt == null || s.LastUsedAt < at))
                    .ExecuteUpdateAsync(s => s.SetProperty(x => x.LastUsedAt, at).SetProperty(x => x.LastUsedIp, ip), cancellationToken);
            }

            return true;
        }, cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "When keys were last used cannot be written now; it is kept and tried again")]
        public static partial void Failing(ILogger logger, Exception cause);
    }
}
