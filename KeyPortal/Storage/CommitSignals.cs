namespace KeyPortal.Storage;

/// <summary>
/// Tells rooms below what a transaction changed, once just before it commits and once after, whether or not the commit succeeded.
/// Called on the committing thread and never skipped, so that a command that has returned has also been heard.
/// </summary>
public sealed class CommitSignals
{
    /// <summary>A commit that carries this signal is about to begin.</summary>
    public event Action<object>? Committing;

    /// <summary>The commit is over. It may have failed, even after reaching the disk: a listener must assume the change happened.</summary>
    public event Action<object>? Committed;

    internal void RaiseCommitting(object signal) => Committing?.Invoke(signal);

    internal void RaiseCommitted(object signal) => Committed?.Invoke(signal);
}
