using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Operations;

/// <summary>
/// Whether this instance can do its work: <paramref name="Reads"/> and <paramref name="Writes"/> are <c>ok</c>, or the sentence that says what is wrong;
/// <paramref name="Migrations"/> is <c>done</c>, <c>pending</c> or <c>unknown</c>.
/// </summary>
public sealed record ReadinessReport(string Reads, string Migrations, string Writes)
{
    public const string Fine = "ok";
    public const string Done = "done";

    public bool IsReady => Reads == Fine && Migrations == Done && Writes == Fine;
}

/// <summary>
/// Reads from both databases and really writes to the main one: a full disk is known only by writing. The answer holds for two seconds, since anyone
/// may ask and each asking would cost a sync of the disk.
/// </summary>
public sealed class Readiness(IDbContextFactory<KeyPortalDb> contexts, IDbContextFactory<UsageDb> usage, Writer writer, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Lasts = TimeSpan.FromSeconds(2);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private (DateTimeOffset At, ReadinessReport Report)? _last;

    public async Task<ReadinessReport> CheckAsync(CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_last is not { } last || clock.Now() - last.At >= Lasts)
            {
                _last = last = (clock.Now(), await MeasureAsync());
            }

            return last.Report;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<ReadinessReport> MeasureAsync()
    {
        var migrations = "unknown";
        var reads = await TryAsync(async () =>
        {
            await using var main = contexts.CreateDbContext();
            await using var counts = usage.CreateDbContext();
            var pending = (await main.Database.GetPendingMigrationsAsync()).Concat(await counts.Database.GetPendingMigrationsAsync());
            migrations = pending.Any() ? "pending" : ReadinessReport.Done;
        });
        var writes = await TryAsync(() => writer.RunAsync<bool>(async write =>
        {
            await write.TouchAsync();
            return true;
        }));
        return new ReadinessReport(reads, migrations, writes);
    }

    private static async Task<string> TryAsync(Func<Task> act)
    {
        try
        {
            await act();
            return ReadinessReport.Fine;
        }
        catch (Exception e) when (StorageUnavailableException.From(e) is { } outage)
        {
            return outage.Message;
        }
    }
}
