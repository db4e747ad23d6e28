using System.Runtime.InteropServices;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Limits;

/// <summary>A key came near a limit for the first time in its window (its period).</summary>
/// <param name="LimitName">The rate limit's name, or <see cref="Quota.Name"/>.</param>
/// <param name="Standing">Where the limit stood then.</param>
public sealed record LimitNear(string OrganizationId, string KeyId, string LimitName, LimitStanding Standing, DateTimeOffset At);

/// <summary>
/// Hears of every warning and every refusal of a limit, without making the call wait: warnings are handed on once a window each (<see cref="Near"/>), refusals become
/// <see cref="LimitViolation"/>s.
/// </summary>
public sealed partial class LimitWatch(IDbContextFactory<UsageDb> contexts, TimeProvider clock, ILogger<LimitWatch> logger) : IDisposable
{
    /// <summary>Beyond so many at once (more keys than that run into limits within a minute) new ones are not kept; the rollups count them all the same.</summary>
    private const int MostOpen = 20_000;

    /// <summary>So many of one organization, so that the others are told of theirs.</summary>
    internal const int MostOpenOfOne = 5_000;

    private const int LongestAddress = 45;

    private const int MostWarnings = 10_000;

    private readonly Lock _changing = new();
    private readonly Dictionary<(string KeyId, string LimitName), Open> _open = [];
    private readonly Dictionary<string, int> _openOf = new(StringComparer.Ordinal);
    private readonly List<LimitNear> _warnings = [];
    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _failing;
    private int _prunedInHour;

    /// <summary>Raised for each warning, on no caller's time, within a second.</summary>
    public event Action<LimitNear>? Near;

    /// <summary>Notes what a call was told about its limits.</summary>
    public void Note(string organizationId, string keyId, LimitReport report, string? ip, DateTimeOffset now)
    {
        for (var i = 0; i < report.Standings.Length; i++)
        {
            var standing = report.Standings[i];
            if (standing.Is(LimitMarks.FirstNear))
            {
                Warn(new LimitNear(organizationId, keyId, report.NameOf(i), standing, now));
            }

            if (standing.Is(LimitMarks.Refused))
            {
                Refuse(organizationId, keyId, report.NameOf(i), ip is { Length: <= LongestAddress } ? ip : "", now);
            }
        }
    }

    /// <summary>Hands on the warnings and writes the violations so far; false when the store does not take them now. They are kept for the next time.</summary>
    public async Task<bool> FlushAsync(CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            TellWarnings();
            var changed = Changed(clock.Now());
            if (changed.Count > 0)
            {
                await WriteAsync(changed, cancellationToken);
            }

            Forget(changed, clock.Now());
            _failing = false;
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (!_failing)
            {
                _failing = true;
                Log.Failing(logger, e);
            }

            return false;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private void Warn(LimitNear warning)
    {
        lock (_changing)
        {
            if (_warnings.Count < MostWarnings)
            {
                _warnings.Add(warning);
            }
        }
    }

    private void Refuse(string organizationId, string keyId, string limitName, string ip, DateTimeOffset now)
    {
        lock (_changing)
        {
            if (!_open.TryGetValue((keyId, limitName), out var open) || now - open.LastAt > LimitViolation.Gap)
            {
                open = Begin(open, organizationId, keyId, limitName, now);
            }

            open?.Add(ip, now);
        }
    }

    /// <summary>A new violation beside the one before; where there is no room for both, that one goes on (or there is none). Under the lock.</summary>
    private Open? Begin(Open? before, string organizationId, string keyId, string limitName, DateTimeOffset now)
    {
        if (before is null or { IsChanged: true })
        {
            ref var ofOrganization = ref CollectionsMarshal.GetValueRefOrAddDefault(_openOf, organizationId, out _);
            if (_open.Count >= MostOpen || ofOrganization >= MostOpenOfOne)
            {
                return before;
            }

            ofOrganization++;
        }

        if (before is { IsChanged: true })
        {
            // Not on the disk yet: it goes under a name of its own until it is.
            _open[(keyId + before.Id, limitName)] = before;
        }

        return _open[(keyId, limitName)] = new Open(EntityId.New("lim", now), organizationId, keyId, limitName, now);
    }

    private void TellWarnings()
    {
        List<LimitNear> warnings;
        lock (_changing)
        {
            warnings = [.. _warnings];
            _warnings.Clear();
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

    private List<LimitViolation> Changed(DateTimeOffset now)
    {
        lock (_changing)
        {
            return [.. _open.Values.Where(o => o.IsChanged).Select(o => o.Take(now))];
        }
    }

    private void Forget(List<LimitViolation> written, DateTimeOffset now)
    {
        var counts = written.ToDictionary(v => v.Id, v => v.Refused);
        lock (_changing)
        {
            foreach (var (name, open) in _open)
            {
                if (counts.TryGetValue(open.Id, out var refused) && open.Refused == refused)
                {
                    open.IsChanged = false;
                }

                if (!open.IsChanged && now - open.LastAt > LimitViolation.Gap)
                {
                    _open.Remove(name);
                    if (--CollectionsMarshal.GetValueRefOrNullRef(_openOf, open.OrganizationId) == 0)
                    {
                        _openOf.Remove(open.OrganizationId);
                    }
                }
            }
        }
    }

    private async Task WriteAsync(List<LimitViolation> violations, CancellationToken cancellationToken)
    {
        await using var db = contexts.CreateDbContext();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var ids = violations.ConvertAll(v => v.Id);
        var stored = new HashSet<string>(StringComparer.Ordinal);
        foreach (var some in ids.Chunk(500))
        {
            stored.UnionWith(await db.Set<LimitViolation>().Where(v => some.Contains(v.Id)).Select(v => v.Id).ToListAsync(cancellationToken));
        }

        db.UpdateRange(violations.Where(v => stored.Contains(v.Id)));
        db.AddRange(violations.Where(v => !stored.Contains(v.Id)));
        await db.SaveChangesAsync(cancellationToken);
        await PruneAsync(db, cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
    }

    private async Task PruneAsync(UsageDb db, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        var hour = (int)(now.ToUnixTimeSeconds() / 3600);
        if (_prunedInHour != hour)
        {
            var oldest = now - LimitViolation.KeptFor;
            await db.Set<LimitViolation>().Where(v => v.LastAt < oldest).ExecuteDeleteAsync(cancellationToken);
            _prunedInHour = hour;
        }
    }

    /// <summary>A violation that may go on.</summary>
    private sealed class Open(string id, string organizationId, string keyId, string limitName, DateTimeOffset startedAt)
    {
        private readonly Dictionary<string, long> _addresses = new(StringComparer.Ordinal);

        public string Id { get; } = id;

        public string OrganizationId { get; } = organizationId;

        public DateTimeOffset StartedAt { get; } = startedAt;

        public DateTimeOffset LastAt { get; private set; } = startedAt;

        public long Refused { get; private set; }

        public bool IsChanged { get; set; }

        public void Add(string ip, DateTimeOffset now)
        {
            var name = _addresses.Count < LimitViolation.MostAddresses || _addresses.ContainsKey(ip) ? ip : "";
            _addresses[name] = _addresses.GetValueOrDefault(name) + 1;
            (LastAt, Refused, IsChanged) = (now > LastAt ? now : LastAt, Refused + 1, true);
        }

        public LimitViolation Take(DateTimeOffset now) => new()
        {
            Id = Id,
            OrganizationId = OrganizationId,
            KeyId = keyId,
            LimitName = limitName,
            StartedAt = StartedAt,
            LastAt = LastAt < now ? LastAt : now,
            Refused = Refused,
            Addresses = [.. _addresses.OrderByDescending(a => a.Value).Select(a => new AddressCount(a.Key, a.Value))],
        };
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Which keys ran into their limits cannot be written now; it is kept and tried again")]
        public static partial void Failing(ILogger logger, Exception cause);

        [LoggerMessage(Level = LogLevel.Error, Message = "A listener failed on the warning that key {KeyId} is near a limit")]
        public static partial void NotTold(ILogger logger, Exception cause, string keyId);
    }
}
