using KeyPortal.Access;
using KeyPortal.Access.Members;
using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>
/// Asks inside the transaction whether the actor still may. Between the door and the transaction lie a slow hash and a queue, long enough for a member to be
/// removed and all their keys revoked: a key made after that would be one that nobody knows of.
/// </summary>
internal static class RightsOfNow
{
    /// <summary>Null when the actor may do this, now, on a key of <paramref name="ownerId"/>.</summary>
    public static async Task<Refusal?> RefuseAsync(WriteTransaction write, Actor actor, Act act, string ownerId, CancellationToken cancellationToken) =>
        await OfAsync(write, actor, cancellationToken) is { } now && now.May(act, ownerId) ? null : PermissionGate.Forbidden(act);

    /// <summary>The actor with the role of this moment; null when it is an actor no more.</summary>
    public static async Task<Actor?> OfAsync(WriteTransaction write, Actor actor, CancellationToken cancellationToken) =>
        await IsEndedAsync(write, actor, cancellationToken) ? null : await MemberRules.AsOfNowAsync(write, actor, cancellationToken);

    /// <summary>Has the key that acts, or the session the person acts in, ended since it was asked for?</summary>
    private static Task<bool> IsEndedAsync(WriteTransaction write, Actor actor, CancellationToken cancellationToken) => actor.Type == ActorType.ApiKey
        ? write.Set<ApiKey>().AnyAsync(k => k.Id == actor.Id && (k.DisabledAt != null || k.RevokedAt <= write.Now), cancellationToken)
        : write.Set<Session>().AnyAsync(s => s.Id == actor.SessionId && s.EndedAt != null, cancellationToken);
}
