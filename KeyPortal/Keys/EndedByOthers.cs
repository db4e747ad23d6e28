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

    /// <summary>What to answer to who would put off an end that another has announced.</summary>
    public static readonly Refusal PutOff = Refused("Somebody else announced the end of this key. It can be brought forward; ask an admin to put it off.");

    /// <summary>Refuses to switch on what another has switched off, be it after the owner. The audit log knows who did; where it says nothing, nobody is held to it.</summary>
    public static async Task<Refusal?> RefuseEnablingAsync(WriteTransaction write, Actor actor, ApiKey key, CancellationToken cancellationToken)
    {
        foreach (var by in IsBound(actor) ? await SwitchedOffByAsync(write, key, cancellationToken) : [])
        {
            if (!await IsOwnAsync(write, actor, by, cancellationToken))
            {
                return Refused("Somebody else switched this key off. Ask an admin to switch it on again.");
            }
        }

        return null;
    }

    /// <summary>All who have switched the key off since it was on, each of whom may have had a reason of their own.</summary>
    public static async Task<List<string>> SwitchedOffByAsync(WriteTransaction write, ApiKey key, CancellationToken cancellationToken)
    {
        var entries = write.Set<AuditEntry>().Where(e => e.OrganizationId == key.OrganizationId && e.TargetId == key.Id && e.Outcome == AuditOutcome.Succeeded);
        var on = await entries.Where(e => e.Action == "key.enabled").MaxAsync(e => (long?)e.Index, cancellationToken) ?? -1;
        return await entries.Where(e => e.Action == "key.disabled" && e.Index > on).Select(e => e.ActorId).Distinct().ToListAsync(cancellationToken);
    }

    /// <summary>Who announced the key's end, where the actor may not put it off; null where the actor may.</summary>
    public static async Task<string?> AnnouncedByAsync(WriteTransaction write, Actor actor, ApiKey key, CancellationToken cancellationToken) =>
        IsBound(actor) && key.RevokedBy is { } by && !await IsOwnAsync(write, actor, by, cancellationToken) ? by : null;

    private static bool IsBound(Actor actor) => actor.ReachOf(Act.ChangeKeys) != Reach.All;

    /// <summary>The member's own doing, by hand or by a key of theirs.</summary>
    private static async Task<bool> IsOwnAsync(WriteTransaction write, Actor actor, string by, CancellationToken cancellationToken) =>
        by == actor.MemberId || by == actor.Id || await write.Set<ApiKey>().AnyAsync(k => k.Id == by && k.OwnerId == actor.MemberId, cancellationToken);

    private static Refusal Refused(string detail) => new(RefusalKind.NotAllowed, Code, detail);
}
