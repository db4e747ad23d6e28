namespace KeyPortal.Limits;

/// <summary>A part of all counters under one lock: what one call reads and spends, it reads and spends alone.</summary>
internal sealed class CounterStripe
{
    public readonly Lock Changing = new();

    public readonly Dictionary<CounterId, KeyCounters> Keys = [];

    /// <summary>Counters whose quotas were spent since they were last taken away to be written.</summary>
    public readonly List<ManyCounters> Dirty = [];

    public int Count
    {
        get
        {
            lock (Changing)
            {
                return Keys.Count;
            }
        }
    }

    public void MarkDirty(ManyCounters many)
    {
        if (!many.IsDirty)
        {
            many.IsDirty = true;
            Dirty.Add(many);
        }
    }
}
