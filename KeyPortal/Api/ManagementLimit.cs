using KeyPortal.Limits;
using KeyPortal.Primitives;
using Microsoft.Extensions.Options;

namespace KeyPortal.Api;

/// <summary>
/// Bounds how often one credential manages: a key, or the session of a person's program. A token bucket: a program that does a thousand things once is slowed
/// down and never sent away for a whole minute, and nobody waits for the edge of a window to begin all at once. Its counters are its own; no quota is in them.
/// </summary>
internal sealed class ManagementLimit(IOptions<ApiSettings> settings, TimeProvider clock) : BackgroundService
{
    /// <summary>With a dot, which the name of no key's limit has.</summary>
    public const string Name = "keyportal.api";

    private const long Minute = 60;
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(30);

    private readonly LimitCounters _counters = new(clock);
    private readonly KeyLimits? _limits =
        settings.Value.RequestsPerMinute is > 0 and var most ? KeyLimits.Of(new RateLimit(Name, LimitAlgorithm.TokenBucket, most, Minute)) : null;

    /// <summary>How many credentials have calls counted.</summary>
    public int Count => _counters.Count;

    /// <summary>Could the actor call once more? Spends nothing; null where there is no limit.</summary>
    public LimitReport? Peek(Actor actor) => _limits is null ? null : Run(actor, _limits, spend: false);

    /// <summary>Spends one call, or says that none is left; null where there is no limit.</summary>
    public LimitReport? Spend(Actor actor) => _limits is null ? null : Run(actor, _limits, spend: true);

    public void Sweep() => _counters.Sweep();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (; ; )
        {
            await Task.Delay(SweepEvery, clock, stoppingToken);
            Sweep();
        }
    }

    private LimitReport Run(Actor actor, KeyLimits limits, bool spend)
    {
        var id = actor.SessionId ?? actor.Id;
        var (credential, now) = (new LimitedKey(CounterId.Of(id), id, limits, 0), clock.GetUtcNow());
        Span<LimitStanding> standings = stackalloc LimitStanding[LimitCounters.MaxStandings];
        var acquired = spend
            ? _counters.TryAcquire(credential, 1, standings, out _)
            : _counters.Peek(credential, 1, standings, out _);
        return new LimitReport(limits, 1, [standings[0]], acquired == Acquired.Granted) { At = now };
    }
}
