using KeyPortal.Organizations;
using KeyPortal.Storage;

namespace KeyPortal.Access;

/// <summary>
/// Tells open pages at once that somebody's sessions, role or membership changed, so that they look again who they are drawn for. Pages also ask by
/// themselves every few seconds, for a change may come from another process or from the clock.
/// </summary>
public sealed class SessionChanges
{
    public SessionChanges(CommitSignals signals) => signals.Committed += signal =>
    {
        if (signal is SessionsChanged { UserId: var session })
        {
            Changed?.Invoke(session);
        }
        else if (signal is MembershipChanged { UserId: var member })
        {
            Changed?.Invoke(member);
        }
    };

    /// <summary>The account (<c>usr_…</c>) whose pages should look again. Raised on the committing thread: listeners hand over and return.</summary>
    public event Action<string>? Changed;
}
