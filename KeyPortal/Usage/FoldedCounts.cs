using System.Runtime.InteropServices;

namespace KeyPortal.Usage;

/// <summary>Counts that grow in place and are taken away as a whole. Not for several threads at once: its owner locks.</summary>
internal sealed class FoldedCounts<TCell> where TCell : notnull
{
    private const int UsualCells = 10_000;

    private Dictionary<TCell, long> _counts = [];
    private Dictionary<TCell, long> _spare = [];

    public int Cells => _counts.Count;

    public void Add(in TCell cell, long count) => CollectionsMarshal.GetValueRefOrAddDefault(_counts, cell, out _) += count;

    /// <summary>Adds to a cell that is there already; false where there is none.</summary>
    public bool TryAdd(in TCell cell, long count)
    {
        ref var known = ref CollectionsMarshal.GetValueRefOrNullRef(_counts, cell);
        if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref known))
        {
            return false;
        }

        known += count;
        return true;
    }

    /// <summary>What was counted so far, or null for nothing. It is the caller's until it is given back with <see cref="GiveBack"/>.</summary>
    public Dictionary<TCell, long>? Take()
    {
        if (_counts.Count == 0)
        {
            return null;
        }

        var taken = _counts;
        _counts = _spare;
        return taken;
    }

    /// <summary>Kept for next time, for growing again costs more than clearing; but not at the size of an outage. Needs no lock: one taker at a time.</summary>
    public void GiveBack(Dictionary<TCell, long> taken)
    {
        _spare = taken.Count > UsualCells ? [] : taken;
        _spare.Clear();
    }
}
