namespace KeyPortal.Keys.Bulk;

/// <summary>Follows an act on many keys from outside: <paramref name="Tell"/> hears how many have had their turn, and <paramref name="Stop"/> ends it before the next.</summary>
/// <remarks>Stopped so, an act answers with what was done until then. A cancelled call answers nothing, and with it the new secrets of a rotation would be lost.</remarks>
public sealed record BulkWatch(Action<int> Tell, CancellationToken Stop)
{
    internal static readonly Primitives.Refusal Stopped = Primitives.Refusal.Conflict("stopped", "The act was stopped before this key had its turn. It is as it was.");

    public bool IsStopped => Stop.IsCancellationRequested;
}
