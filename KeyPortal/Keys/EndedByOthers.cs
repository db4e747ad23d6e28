using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>
/// What somebody with the whole organization in hand has ended, its owner does not bring back: an admin who switched a key off, or announced its end, had a reason.
/// Ending it sooner stays open to the owner.
/// </summary>
internal static class EndedByOthers
{
    public const string Code = "ended_by_another";

    private static readonly string[] Switching = ["key.disabled", "key.enabled"];

    /// <summary>Refuses to switch on what another has switched off. The audit log knows who did; where it says nothing, nobody is held to it.</summary>
    public static async Task<Refusal?> RefuseEnablingAsync(WriteTransaction write, Actor actor, ApiKey key, CancellationToken cancellationToken) =>
        IsBound(actor)
        && await write.Set<AuditEntry>().Where(e => e.OrganizationId == key.OrganizationId && e.TargetId == key.Id && Switching.Contains(e.Action) && e.Outcome == AuditOutcome.Succeeded)
            .OrderByDescending(e => e.Index).Select(e => e.ActorId).FirstOrDefaultAsync(cancellationToken) is { } by
        && !await IsOwnAsync(write, actor, by, cancellationToken)
            ? Refused("Somebody else switched this key off. Ask an admin to switch it on again.")
            : null;

    /// <summary>Refuses to put off an end that another has announced.</summary>
    public static async Task<Refusal?> RefusePuttingOffAsync(WriteTransaction write, Actor actor, ApiKey key, CancellationToken cancellationToken) =>
        IsBound(actor) && key.RevokedBy is { } by && !await IsOwnAsync(write, actor, by, cancellationToken)
            ? Refused("Somebody else announced the end of this key. It can be brought forward; ask an admin to put it off.")
            : null;

    private static bool IsBound(Actor actor) => actor.ReachOf(Act.ChangeKeys) != Reach.All;

    /// <summary>The member's own doing, by hand or by a key of theirs.</summary>
    private static async Task<bool> IsOwnAsync(WriteTransaction write, Actor actor, string by, CancellationToken cancellationToken) =>
        by == actor.MemberId || by == actor.Id || await write.Set<ApiKey>().AnyAsync(k => k.Id == by && k.OwnerId == actor.MemberId, cancellationToken);

    private static Refusal Refused(string detail) => new(RefusalKind.NotAllowed, Code, detail);
}
