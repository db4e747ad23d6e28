using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>A commit brings keys that were made elsewhere.</summary>
internal sealed record KeysImported;

/// <summary>
/// Does this instance hold secrets that were made elsewhere? Where it holds none, a text that is not of our own form is refused with no look-up at all. Read
/// once at start; an import sets it.
/// </summary>
public sealed partial class ImportedSecrets : IHostedService
{
    /// <summary>The schemes that only an import brings.</summary>
    internal static readonly VerifierScheme[] Schemes = [.. Enum.GetValues<VerifierScheme>().Where(scheme => !scheme.IsOwn())];

    private readonly IDbContextFactory<KeyPortalDb> _contexts;
    private readonly ILogger _log;
    private volatile bool _any;

    public ImportedSecrets(IDbContextFactory<KeyPortalDb> contexts, CommitSignals signals, ILogger<ImportedSecrets> log)
    {
        (_contexts, _log) = (contexts, log);
        signals.Committing += signal => _any |= signal is KeysImported;
    }

    public bool Any => _any;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var db = _contexts.CreateDbContext();
            _any |= await db.Set<KeySecret>().AnyAsync(s => Schemes.Contains(s.VerifierScheme), cancellationToken);
        }
        catch (Exception e) when (StorageUnavailableException.From(e) is not null)
        {
            // Look-ups too many do less harm than good keys refused.
            _any = true;
            Log.Unknown(_log, e);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Whether there are imported keys cannot be read now; texts of any form are looked up")]
        public static partial void Unknown(ILogger logger, Exception cause);
    }
}
