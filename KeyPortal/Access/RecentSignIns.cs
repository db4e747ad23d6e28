using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;

namespace KeyPortal.Access;

/// <summary>A sign-in to one's own account that succeeded or was refused. <paramref name="Reason"/> is the log's word for why it was refused.</summary>
public sealed record RecentSignIn(DateTimeOffset At, bool Succeeded, string? Reason, SessionKind Kind, SignInMethod? Method, string? Ip, string? UserAgent);

/// <summary>Shows a person who tried to be them lately. Everybody may see this of themselves, whether or not their role reads the audit log.</summary>
public sealed class RecentSignIns(AuditReader log, PermissionGate gate, Membership membership, TimeProvider clock)
{
    public const int Days = 30;
    public const int MostListed = 50;

    private static readonly string[] Actions = ["session.started", "session.refused"];

    /// <summary>The newest first.</summary>
    [Needs(Act.ChangeOwnAccount)]
    public async Task<Outcome<IReadOnlyList<RecentSignIn>>> ListAsync(Actor actor, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ChangeOwnAccount, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        List<AuditView> entries = [];
        foreach (var place in await membership.OfAsync(actor.MemberId, cancellationToken))
        {
            entries.AddRange(await log.AboutMemberAsync(place.Id, actor.MemberId, Actions, clock.Now().AddDays(-Days), MostListed, cancellationToken));
        }

        // Each sign-in stands in the log of every organization the person was then in, written in one transaction.
        return entries.DistinctBy(e => (e.At, e.Action, e.RequestId)).OrderByDescending(e => e.At).Take(MostListed).Select(Of).ToList();
    }

    private static RecentSignIn Of(AuditView entry) => new(
        entry.At,
        entry.Outcome == AuditOutcome.Succeeded,
        Word(entry, "reason"),
        SnakeCase.TryParse<SessionKind>(Word(entry, "kind"), out var kind) ? kind : SessionKind.Browser,
        SnakeCase.TryParse<SignInMethod>(Word(entry, "method"), out var method) ? method : null,
        entry.Ip,
        entry.UserAgent);

    private static string? Word(AuditView entry, string name) => entry.Details[name]?.GetValue<string>();
}
