using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys.Policies;

/// <summary>How a key that waits stands towards the actor.</summary>
/// <param name="MayDecide">May the actor approve or decline it?</param>
/// <param name="IsRequester">Is the actor among those who asked for it?</param>
/// <param name="Approvers">Names of members who may decide, at most <see cref="KeyApproval.MostNamed"/>.</param>
public sealed record ApprovalStanding(bool MayDecide, bool IsRequester, IReadOnlyList<string> Approvers);

/// <summary>The second person's part: approves or declines a live key that waits. Nobody decides on a key they asked for themselves.</summary>
public sealed class KeyApproval(
    KeyChange keys, KeyQueries queries, KeyManagement management, PermissionGate gate, ApprovalMails mails, IDbContextFactory<KeyPortalDb> contexts)
{
    public const int MaxReasonLength = 500;
    public const int MostNamed = 10;

    private const int MostLookedThrough = 50;

    /// <summary>Two pairs of eyes, or the rule is worth nothing.</summary>
    public static readonly Refusal OwnRequest = new(RefusalKind.NotAllowed, "own_request",
        "You made, changed or own this key, or a key of yours did, so a second person has to decide on it. To withdraw it, revoke it.");

    /// <summary>
    /// Approves: from now on the key validates. Refuses: not allowed, <c>own_request</c>, <c>key_management_disabled</c>, <c>key_revoked</c>, <c>not_pending</c>,
    /// <c>owner_left</c>, and a key that is no longer as <paramref name="terms"/> say that the approver has seen it.
    /// </summary>
    [Needs(Act.ApproveKeys)]
    public Task<Outcome<KeyView>> ApproveAsync(Actor actor, string keyId, CallTerms? terms = null, CancellationToken cancellationToken = default) =>
        DecideAsync(actor, keyId, terms, async (write, key, requesters) =>
        {
            if (await management.RefuseAsync() is { } off)
            {
                return off;
            }

            if (await write.Set<Member>().AnyAsync(m => m.OrganizationId == key.OrganizationId && m.UserId == key.OwnerId && m.State == MemberState.Removed, cancellationToken))
            {
                return Refusal.Conflict("owner_left", "The key's owner has left the organization. Decline it, and create another key where one is needed.");
            }

            key.Approve(write.Now, actor.Id);
            await mails.TellAsync(write, actor, key, requesters, "approved", "It can be used now.", cancellationToken);
            return new AuditRecord("key.approved", AuditTarget.Key(key.Id, key.Name)) { Details = Describe(key) };
        }, cancellationToken);

    /// <summary>Declines, which revokes the key for good. Refuses as <see cref="ApproveAsync"/> does, save that it stays possible while key management is switched off.</summary>
    [Needs(Act.ApproveKeys)]
    public async Task<Outcome<KeyView>> DeclineAsync(Actor actor, string keyId, string? reason = null, CallTerms? terms = null, CancellationToken cancellationToken = default)
    {
        reason = string.IsNullOrWhiteSpace(reason) ? null : reason.Trim();
        if (TextRules.Check(reason, "The reason", 0, MaxReasonLength) is { } broken)
        {
            return Refusal.Invalid("/reason", broken);
        }

        return await DecideAsync(actor, keyId, terms, async (write, key, requesters) =>
        {
            key.Revoke(write.Now, actor.Id, RevocationReason.PrivilegeWithdrawn);
            var words = reason is null ? "No reason was given." : $"The reason given: {reason}";
            await mails.TellAsync(write, actor, key, requesters, "declined", $"It is revoked for good. {words}", cancellationToken);
            var details = Describe(key);
            details["reason"] = SnakeCase.Of(RevocationReason.PrivilegeWithdrawn);
            details["words"] = reason;
            return new AuditRecord("key.declined", AuditTarget.Key(key.Id, key.Name)) { Details = details };
        }, cancellationToken);
    }

    /// <summary>The keys that wait for the actor in particular, those that have waited longest first.</summary>
    [Needs(Act.ApproveKeys)]
    public async Task<Outcome<IReadOnlyList<KeyView>>> WaitingAsync(Actor actor, int limit, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ApproveKeys, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var pending = await queries.ListAsync(actor, new KeyFilter { Status = KeyStatus.Pending, Descending = false }, MostLookedThrough, cursor: null, cancellationToken);
        if (pending.Refusal is not null || pending.Value.Items.Count == 0)
        {
            return pending.Refusal is { } unread ? unread : Array.Empty<KeyView>();
        }

        await using var db = contexts.CreateDbContext();
        var requesters = await KeyRequesters.OfAsync(db, actor.OrganizationId, [.. pending.Value.Items.Select(k => k.Id)], cancellationToken);
        return pending.Value.Items.Where(k => !requesters[k.Id].Contains(actor.MemberId)).Take(limit).ToList();
    }

    /// <summary>Who decides on this key, and does the actor?</summary>
    [Needs(Act.ReadKeys)]
    public async Task<Outcome<ApprovalStanding>> StandingAsync(Actor actor, string keyId, CancellationToken cancellationToken = default)
    {
        if ((await queries.FindAsync(actor, keyId, cancellationToken)).Refusal is { } refusal)
        {
            return refusal;
        }

        await using var db = contexts.CreateDbContext();
        var requesters = (await KeyRequesters.OfAsync(db, actor.OrganizationId, [keyId], cancellationToken))[keyId];
        var approvers = await db.Set<Member>().Approving(actor.OrganizationId).Where(m => !requesters.Contains(m.UserId)).Select(m => m.Name).Take(MostNamed).ToListAsync(cancellationToken);
        var isRequester = requesters.Contains(actor.MemberId);
        return new ApprovalStanding(actor.May(Act.ApproveKeys) && !isRequester, isRequester, approvers);
    }

    /// <summary>How many members could approve keys: with one, that one's own requests wait for nobody.</summary>
    [Needs(Act.ReadKeys)]
    public async Task<Outcome<int>> CountApproversAsync(Actor actor, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ReadKeys, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var db = contexts.CreateDbContext();
        return await db.Set<Member>().Approving(actor.OrganizationId).CountAsync(cancellationToken);
    }

    private async Task<Outcome<KeyView>> DecideAsync(
        Actor actor, string keyId, CallTerms? terms, Func<WriteTransaction, ApiKey, HashSet<string>, Task<Outcome<AuditRecord?>>> decide, CancellationToken cancellationToken)
    {
        var decided = await keys.RunAsync(actor, keyId, Act.ApproveKeys, terms, async (write, key) =>
        {
            var requesters = (await KeyRequesters.OfAsync(write.Db, key.OrganizationId, [key.Id], cancellationToken))[key.Id];
            return (requesters.Overlaps(await KeyRequesters.BehindAsync(write.Db, actor, cancellationToken)) ? OwnRequest : Check(key, write.Now)) is { } refusal ? refusal : await decide(write, key, requesters);
        }, cancellationToken);
        return decided.Refusal == OwnRequest ? await gate.RecordAsync(actor, Act.ApproveKeys, AuditTarget.Key(keyId, ""), OwnRequest, cancellationToken) : decided;
    }

    private static Refusal? Check(ApiKey key, DateTimeOffset now) =>
        key.IsRevoked(now) ? Refusal.Conflict("key_revoked", "This key is revoked for good, so there is nothing left to decide.")
        : !key.IsPending ? Refusal.Conflict("not_pending", "This key does not wait for approval.")
        : null;

    private static JsonObject Describe(ApiKey key) => new()
    {
        ["start"] = key.Start,
        ["scopes"] = new JsonArray([.. key.Scopes.Select(s => (JsonNode?)s)]),
        ["asked_at"] = AuditLog.Instant(key.ApprovalAskedAt!.Value),
    };
}
