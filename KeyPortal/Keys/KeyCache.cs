using System.Collections.Concurrent;
using KeyPortal.Limits;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.Extensions.Options;

namespace KeyPortal.Keys;

/// <summary>
/// Keys by lookup hash, in memory, up to a bound. Revocation is immediate: <see cref="SecretsChanged"/> evicts before the commit and again after it,
/// and an entry read from the database meanwhile is answered but not kept, for it may be the old row. Kept is only what the database holds under that very
/// hash, for that is the hash by which a change evicts.
/// </summary>
public sealed class KeyCache
{
    private static readonly TimeSpan UnknownFor = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<LookupHash, Entry> _known = new();
    private readonly ConcurrentDictionary<LookupHash, DateTimeOffset> _unknown = new();
    private readonly Queue<Entry> _order = new();
    private readonly Lock _changing = new();
    private readonly Pepper _pepper;
    private readonly KeyReader _reader;
    private readonly ImportedSecrets _imported;
    private readonly TimeProvider _clock;
    private readonly int _capacity;
    private readonly int _unknownCapacity;
    private long _generation;

    public KeyCache(Pepper pepper, KeyReader reader, ImportedSecrets imported, CommitSignals signals, IOptions<KeySettings> settings, TimeProvider clock)
    {
        (_pepper, _reader, _imported, _clock) = (pepper, reader, imported, clock);
        _capacity = settings.Value.CacheCapacity;
        _unknownCapacity = Math.Max(1000, _capacity / 10);
        signals.Committing += Evict;
        signals.Committed += Evict;
    }

    public int Count => _known.Count;

    /// <summary>How many entries wait for their second chance, dead ones included; bounded too.</summary>
    internal int Queued
    {
        get
        {
            lock (_changing)
            {
                return _order.Count;
            }
        }
    }

    /// <summary>Could this text be a key here? Our own form always; any other where keys were imported. No I/O.</summary>
    public bool TryRead(string? text, out PresentedKey key) => PresentedKey.TryRead(text, _imported.Any, out key);

    /// <summary>The key behind a presented secret, or null when there is none. <paramref name="fresh"/> reads the database whatever is remembered.</summary>
    /// <exception cref="StorageUnavailableException">Not in memory, and the database does not answer.</exception>
    public ValueTask<KeySnapshot?> FindAsync(PresentedKey key, bool fresh, CancellationToken cancellationToken)
    {
        var hash = _pepper.HashOf(key);
        if (!fresh)
        {
            if (_known.TryGetValue(hash, out var entry))
            {
                entry.Touched = true;
                return new ValueTask<KeySnapshot?>(entry.Snapshot);
            }

            if (_unknown.TryGetValue(hash, out var until) && _clock.GetUtcNow() < until)
            {
                return new ValueTask<KeySnapshot?>((KeySnapshot?)null);
            }
        }

        return new ValueTask<KeySnapshot?>(LoadAsync(key, hash, cancellationToken));
    }

    private async Task<KeySnapshot?> LoadAsync(PresentedKey key, LookupHash hash, CancellationToken cancellationToken)
    {
        var generation = Interlocked.Read(ref _generation);
        var read = await _reader.ReadAsync(key, hash, cancellationToken);
        lock (_changing)
        {
            if (generation == _generation && read.MayBeKept)
            {
                Keep(hash, read.Key);
            }
        }

        return read.Key;
    }

    private void Keep(LookupHash hash, KeySnapshot? snapshot)
    {
        // What was remembered otherwise is older than this read, which may have been asked for as a fresh one.
        Remove(hash);
        _unknown.TryRemove(hash, out _);
        if (snapshot is null)
        {
            if (_unknown.Count >= _unknownCapacity)
            {
                _unknown.Clear();
            }

            _unknown[hash] = _clock.GetUtcNow() + UnknownFor;
            return;
        }

        var entry = new Entry(snapshot);
        _known[hash] = entry;
        _order.Enqueue(entry);
        Shrink();
    }

    /// <summary>Second chance: the oldest entry goes unless it was used since it was last looked at. Dead entries are dropped on the way.</summary>
    private void Shrink()
    {
        while (_order.Count > 0 && (_known.Count > _capacity || _order.Count > (2 * _capacity) + 16))
        {
            var oldest = _order.Dequeue();
            if (oldest.Dead)
            {
                continue;
            }

            if (oldest.Touched)
            {
                oldest.Touched = false;
                _order.Enqueue(oldest);
            }
            else
            {
                Remove(oldest.Snapshot.Hash);
            }
        }
    }

    private void Evict(object signal)
    {
        switch (signal)
        {
            case SecretsChanged changed:
                Evict(() => changed.Hashes);
                break;
            case KeysImported:
                // Nobody knows the lookup hashes of what is imported, so whatever was unknown may be known now.
                Evict(() => [.. _unknown.Keys]);
                break;
            case TiersChanged tiers:
                Evict(() => [.. _known.Where(k => k.Value.Snapshot.OrganizationId == tiers.OrganizationId).Select(k => k.Key)]);
                break;
            case MembershipChanged member:
                // A snapshot holds its owner's role. Going through all of them is for once in a while; nothing waits for it but the change itself.
                Evict(() => [.. _known.Where(k => k.Value.Snapshot.OwnerId == member.UserId && k.Value.Snapshot.OrganizationId == member.OrganizationId).Select(k => k.Key)]);
                break;
        }
    }

    private void Evict(Func<IReadOnlyList<LookupHash>> hashes)
    {
        lock (_changing)
        {
            _generation++;
            foreach (var hash in hashes())
            {
                Remove(hash);
                _unknown.TryRemove(hash, out _);
            }
        }
    }

    private void Remove(LookupHash hash)
    {
        if (_known.TryRemove(hash, out var entry))
        {
            entry.Dead = true;
        }
    }

    private sealed class Entry(KeySnapshot snapshot)
    {
        public KeySnapshot Snapshot { get; } = snapshot;

        public volatile bool Touched;

        public bool Dead { get; set; }
    }
}
