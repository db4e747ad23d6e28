using System.Runtime.InteropServices;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Limits;

/// <summary>Keeps which keys ran into which limits, without making the call wait: refusals close together become one <see cref="LimitViolation"/>.</summary>
public sealed partial class LimitViolations(IDbContextFactory<UsageDb> contexts, TimeProvider clock, ILogger<LimitViolations> logger) : IDisposable
{
    /// <summary>Beyond so many at once (more keys than that run into limits within a minute) new ones are not kept; the rollups count them all the same.</summary>
    private const int MostOpen = 20_000;

    /// <summary>So many of one organization, so that the others are told of theirs.</summary>
    internal const int MostOpenOfOne = 5_000;

    private const int LongestAddress = 45;

    private readonly Lock _changing = new();
    private readonly Dictionary<(string KeyId, string LimitName), Open> _open = [];
    private readonly Dictionary<string, int> _openOf = new(StringComparer.Ordinal);
    private readonly WriteTurn _turn = new(clock, e => Log.Failing(logger, e));
    private readonly SteadyClock _steady = new(clock);
    private int _prunedInHour;

    /// <summary>A limit refused a call.</summary>
    public void Add(string organizationId, string keyId, string limitName, string? ip, DateTimeOffset now)
    {
        lock (_changing)
        {
            if (!_open.TryGetValue((keyId, limitName), out var open) || now - open.LastAt > LimitViolation.Gap)
            {
                open = Begin(open, organizationId, keyId, limitName, now);
            }

            open?.Add(ip is { Length: <= LongestAddress } ? ip : "", now);
        }
    }

    /// <summary>Writes the violations so far; false when the store does not take them now. They are kept for the next time.</summary>
    public Task<bool> FlushAsync(CancellationToken cancellationToken = default) => _turn.RunAsync(async token =>
    {
        var changed = Changed(clock.Now());
        if (changed.Count > 0)
        {
            await WriteAsync(changed, token);
        }

        Forget(changed, clock.Now());
    }, cancellationToken);

    public void Dispose() => _turn.Dispose();

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
        if (_steady.Now() is { } now && (int)(now.ToUnixTimeSeconds() / 3600) is var hour && _prunedInHour != hour)
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
    }
}
