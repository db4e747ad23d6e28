using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys.Bulk;

/// <summary>What can be done with many keys at once.</summary>
public enum BulkAction
{
    Revoke,
    Disable,
    Rotate,
    Tag,
}

/// <summary>How many keys an act would change, and the first of them.</summary>
public sealed record BulkPreview(int Count, IReadOnlyList<KeyView> First)
{
    /// <summary>All of them, oldest first.</summary>
    public required IReadOnlyList<string> Ids { get; init; }
}

/// <summary>What an act did: <paramref name="Count"/> keys were meant, <paramref name="Changed"/> of them changed; the rest were already so.</summary>
public sealed record BulkResult(int Count, int Changed, IReadOnlyList<string> Ids);

/// <summary>
/// Does one thing with many keys. The number of keys is confirmed by whoever asks: a filter that finds more than was thought does nothing at all. Up to a
/// thousand keys change in one transaction; more take several, and asking again finishes what an outage cut short.
/// </summary>
public sealed class KeyBulk(Writer writer, IDbContextFactory<KeyPortalDb> contexts, PermissionGate gate, KeyManagement management, TimeProvider clock)
{
    public const int AtOnce = 500;
    private const int Shown = 20;
    private const int PerTransaction = 1000;

    /// <summary>What the act would be for.</summary>
    [Needs(Act.ChangeKeys)]
    public async Task<Outcome<BulkPreview>> PreviewAsync(Actor actor, BulkAction action, BulkSelection selection, CancellationToken cancellationToken = default)
    {
        var found = await FindAsync(actor, action, selection, confirmed: null, cancellationToken);
        if (!found.Succeeded(out var ids, out var refusal))
        {
            return refusal;
        }

        var first = ids.Take(Shown).ToList();
        await using var db = contexts.CreateDbContext();
        var keys = await db.Set<ApiKey>().AsNoTracking().Where(k => first.Contains(k.Id)).OrderBy(k => k.Id).ToListAsync(cancellationToken);
        return new BulkPreview(ids.Count, await KeyQueries.WithOwnersAsync(db, actor.OrganizationId, keys, clock.Now(), cancellationToken)) { Ids = ids };
    }

    /// <summary>Revokes at once and for good. When the call has returned, no validation that starts afterwards says <c>valid</c> for any of them.</summary>
    [Needs(Act.ChangeKeys)]
    public Task<Outcome<BulkResult>> RevokeAsync(Actor actor, BulkSelection selection, int confirmed, RevocationReason reason, BulkWatch? watch = null, CancellationToken cancellationToken = default) =>
        RunAsync(actor, BulkAction.Revoke, selection, confirmed, (key, now) => key.IsRevoked(now) ? null : KeyRevocation.Revoke(key, now, actor.Id, reason), watch, cancellationToken);

    [Needs(Act.ChangeKeys)]
    public Task<Outcome<BulkResult>> DisableAsync(Actor actor, BulkSelection selection, int confirmed, BulkWatch? watch = null, CancellationToken cancellationToken = default) =>
        RunAsync(actor, BulkAction.Disable, selection, confirmed, (key, now) =>
        {
            if (key.IsRevoked(now) || key.DisabledAt is not null)
            {
                return null;
            }

            key.Disable(now);
            return new AuditRecord("key.disabled", AuditTarget.Key(key.Id, key.Name));
        }, watch, cancellationToken);

    /// <summary>Adds some tags and takes others away. A key that would have too many is left as it is, and nothing is done: every one is named.</summary>
    [Needs(Act.ChangeKeys)]
    public async Task<Outcome<BulkResult>> TagAsync(
        Actor actor, BulkSelection selection, int confirmed, IReadOnlyList<string> add, IReadOnlyList<string> remove, BulkWatch? watch = null, CancellationToken cancellationToken = default)
    {
        if (TagRules.Check(add, remove) is { } broken)
        {
            return broken;
        }

        if (await management.RefuseAsync() is { } off)
        {
            return off;
        }

        List<string> full = [];
        var done = await RunAsync(actor, BulkAction.Tag, selection, confirmed, (key, now) => key.IsRevoked(now) ? null : TagRules.Apply(key, add, remove, full), watch, cancellationToken, () => TagRules.Full(full));
        return done;
    }

    /// <summary>The keys an act is for, or why it is not done.</summary>
    internal async Task<Outcome<IReadOnlyList<string>>> FindAsync(Actor actor, BulkAction action, BulkSelection selection, int? confirmed, CancellationToken cancellationToken)
    {
        if (await gate.RefuseAsync(actor, Act.ChangeKeys, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var now = clock.Now();
        await using var db = contexts.CreateDbContext();
        var resolved = await selection.ResolveAsync(db, actor, keys => Eligible(keys, action, now), now, cancellationToken);
        return resolved.Refusal is { Kind: RefusalKind.NotAllowed } forbidden ? await gate.RecordAsync(actor, Act.ChangeKeys, AuditTarget.Key(actor.Id, actor.Name), forbidden, cancellationToken)
            : resolved.Refusal is null && confirmed is { } count && count != resolved.Value.Count ? Miscounted(resolved.Value.Count, count)
            : resolved;
    }

    private static Refusal Miscounted(int count, int confirmed) =>
        Refusal.Conflict("count_mismatch", $"The act is for {count:N0} keys now, and {confirmed:N0} were confirmed. Nothing was changed; look again and confirm {count}.");

    private static IQueryable<ApiKey> Eligible(IQueryable<ApiKey> keys, BulkAction action, DateTimeOffset now)
    {
        keys = keys.Where(k => k.RevokedAt == null || k.RevokedAt > now);
        return action switch
        {
            BulkAction.Disable => keys.Where(k => k.DisabledAt == null),
            BulkAction.Rotate => keys.Where(k => k.RevokedAt == null && (k.ApprovalAskedAt == null || k.ApprovedAt != null)),
            _ => keys,
        };
    }

    private async Task<Outcome<BulkResult>> RunAsync(
        Actor actor, BulkAction action, BulkSelection selection, int confirmed, Func<ApiKey, DateTimeOffset, AuditRecord?> change, BulkWatch? watch, CancellationToken cancellationToken, Func<Refusal?>? check = null)
    {
        var found = await FindAsync(actor, action, selection, confirmed, cancellationToken);
        if (!found.Succeeded(out var ids, out var refusal))
        {
            return refusal;
        }

        var (changed, passed) = (0, 0);
        foreach (var some in ids.Chunk(PerTransaction))
        {
            if (watch?.IsStopped == true)
            {
                break;
            }

            var done = await writer.RunAsync<int>(write => ChangeAsync(write, actor, some, change, check, cancellationToken), cancellationToken);
            if (done.Refusal is { } late)
            {
                return late.Kind == RefusalKind.NotAllowed ? await gate.RecordAsync(actor, Act.ChangeKeys, AuditTarget.Organization(actor.OrganizationId, ""), late, cancellationToken) : late;
            }

            changed += done.Value;
            watch?.Tell(passed += some.Length);
        }

        return new BulkResult(ids.Count, changed, ids);
    }

    private static async Task<Outcome<int>> ChangeAsync(
        WriteTransaction write, Actor actor, string[] ids, Func<ApiKey, DateTimeOffset, AuditRecord?> change, Func<Refusal?>? check, CancellationToken cancellationToken)
    {
        if (await RightsOfNow.OfAsync(write, actor, cancellationToken) is not { } now)
        {
            return PermissionGate.Forbidden(Act.ChangeKeys);
        }

        var changed = 0;
        foreach (var some in ids.Chunk(AtOnce))
        {
            var which = write.Set<ApiKey>().Where(k => some.Contains(k.Id));
            if ((await which.Select(k => k.OwnerId).Distinct().ToListAsync(cancellationToken)).Exists(owner => !now.May(Act.ChangeKeys, owner)))
            {
                return PermissionGate.Forbidden(Act.ChangeKeys);
            }

            changed += await KeyBatch.ChangeAsync(write, actor, which, key => change(key, write.Now), cancellationToken);
        }

        return check?.Invoke() is { } broken ? broken : changed;
    }
}
