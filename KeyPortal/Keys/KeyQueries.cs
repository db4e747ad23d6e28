using System.Globalization;
using KeyPortal.Audit;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>The orders a list of keys can have; a minus on the wire turns one round (<c>-created_at</c>).</summary>
public enum KeySort
{
    CreatedAt,
    Name,
    LastUsedAt,
    ExpiresAt,
}

/// <summary>Which keys to list. Every part is optional.</summary>
public sealed record KeyFilter
{
    public const int MaxSearchLength = 200;

    /// <summary>Part of a name, description, start or owner's name, in any case.</summary>
    public string? Search { get; init; }

    public KeyStatus? Status { get; init; }

    public KeyEnvironment? Environment { get; init; }

    public KeyType? Type { get; init; }

    public string? OwnerId { get; init; }

    /// <summary>Keys that hold exactly this scope, or the wildcard that covers it.</summary>
    public Scope? Scope { get; init; }

    public DateTimeOffset? LastUsedBefore { get; init; }

    public DateTimeOffset? ExpiresBefore { get; init; }

    /// <summary>Id of a member: keys that this member made, or a key of this member's.</summary>
    public string? CreatedBy { get; init; }

    public DateTimeOffset? CreatedSince { get; init; }

    public KeySort Sort { get; init; } = KeySort.CreatedAt;

    public bool Descending { get; init; } = true;
}

/// <summary>How many keys an organization has in each state, as far as the actor may see.</summary>
public sealed record KeyCounts(int Total, int Active, int ExpiringIn14Days, int CreatedIn7Days);

/// <summary>Lists and finds keys that the actor may see.</summary>
public sealed class KeyQueries(IDbContextFactory<KeyPortalDb> contexts, PermissionGate gate, TimeProvider clock)
{
    public const int MaxPageSize = 200;

    [Needs(Act.ReadKeys)]
    public async Task<Outcome<ResultPage<KeyView>>> ListAsync(Actor actor, KeyFilter filter, int limit, string? cursor, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ReadKeys, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        Cursor after = default;
        if (cursor is not null && (!Cursor.TryDecode(cursor, out after) || !IsFor(filter.Sort, after)))
        {
            return Refusal.Invalid("/cursor", "The cursor is not one that a list in this order has answered with.");
        }

        var now = clock.Now();
        limit = Math.Clamp(limit, 1, MaxPageSize);
        await using var db = contexts.CreateDbContext();
        var matching = KeyMatching.Matching(KeyMatching.Visible(db, actor), db, filter, now);
        var total = await matching.CountAsync(cancellationToken);
        var page = await KeyOrder.Apply(matching, filter.Sort, filter.Descending, cursor is null ? null : after)
            .Take(limit + 1).AsNoTracking().ToListAsync(cancellationToken);
        var shown = page.Take(limit).ToList();
        var next = page.Count > limit ? KeyOrder.CursorOf(shown[^1], filter.Sort).Encode() : null;
        return new ResultPage<KeyView>(await WithOwnersAsync(db, actor.OrganizationId, shown, now, cancellationToken), total, next);
    }

    [Needs(Act.ReadKeys)]
    public async Task<Outcome<KeyView>> FindAsync(Actor actor, string keyId, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ReadKeys, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var db = contexts.CreateDbContext();
        var key = await db.Set<ApiKey>().AsNoTracking().SingleOrDefaultAsync(k => k.Id == keyId && k.OrganizationId == actor.OrganizationId, cancellationToken);
        if (key is null)
        {
            return Refusal.NotFound("key");
        }

        if (await gate.RefuseAsync(actor, Act.ReadKeys, Act.ReadKeys, AuditTarget.Key(key.Id, key.Name), key.OwnerId, cancellationToken) is { } hidden)
        {
            return hidden;
        }

        return (await WithOwnersAsync(db, actor.OrganizationId, [key], clock.Now(), cancellationToken))[0];
    }

    /// <summary>Is there such a key in the organization? For whoever may know of all of them.</summary>
    internal async Task<bool> ExistsAsync(string organizationId, string keyId, CancellationToken cancellationToken)
    {
        await using var db = contexts.CreateDbContext();
        return await db.Set<ApiKey>().AnyAsync(k => k.Id == keyId && k.OrganizationId == organizationId, cancellationToken);
    }

    /// <summary>The key that has just proved itself with its secret. It needs no permission to be told who it is.</summary>
    public async Task<KeyView> FindSelfAsync(KeySnapshot self, CancellationToken cancellationToken = default)
    {
        await using var db = contexts.CreateDbContext();
        var key = await db.Set<ApiKey>().AsNoTracking().SingleAsync(k => k.Id == self.KeyId, cancellationToken);
        return (await WithOwnersAsync(db, key.OrganizationId, [key], clock.Now(), cancellationToken))[0];
    }

    /// <summary>Those of <paramref name="keyIds"/> that the actor may see, in no order; for charts that know ids and want names.</summary>
    [Needs(Act.ReadKeys)]
    public async Task<IReadOnlyList<KeyView>> FindManyAsync(Actor actor, IReadOnlyCollection<string> keyIds, CancellationToken cancellationToken = default)
    {
        if (!actor.May(Act.ReadKeys) || keyIds.Count == 0)
        {
            return [];
        }

        await using var db = contexts.CreateDbContext();
        var keys = await KeyMatching.Visible(db, actor).Where(k => keyIds.Contains(k.Id)).AsNoTracking().ToListAsync(cancellationToken);
        return await WithOwnersAsync(db, actor.OrganizationId, keys, clock.Now(), cancellationToken);
    }

    [Needs(Act.ReadKeys)]
    public async Task<Outcome<KeyCounts>> CountAsync(Actor actor, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ReadKeys, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var now = clock.Now();
        var (soon, lately) = (now.AddDays(14), now.AddDays(-7));
        await using var db = contexts.CreateDbContext();
        var keys = KeyMatching.Visible(db, actor);
        var active = KeyMatching.Matching(keys, db, new KeyFilter { Status = KeyStatus.Active }, now);
        return new KeyCounts(
            await keys.CountAsync(cancellationToken),
            await active.CountAsync(cancellationToken),
            await active.CountAsync(k => k.ExpiresAt < soon, cancellationToken),
            await keys.CountAsync(k => k.CreatedAt >= lately, cancellationToken));
    }

    private static bool IsFor(KeySort sort, Cursor cursor) =>
        sort == KeySort.Name || long.TryParse(cursor.SortValue, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    internal static async Task<IReadOnlyList<KeyView>> WithOwnersAsync(KeyPortalDb db, string organizationId, IReadOnlyList<ApiKey> keys, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var ownerIds = keys.Select(k => k.OwnerId).Distinct().ToList();
        var names = await db.Set<Member>().Where(m => m.OrganizationId == organizationId && ownerIds.Contains(m.UserId))
            .ToDictionaryAsync(m => m.UserId, m => m.Name, cancellationToken);
        var rotationAge = await RotationAge.OfPolicyAsync(db, organizationId, cancellationToken);
        return [.. keys.Select(k => KeyView.Of(k, names.GetValueOrDefault(k.OwnerId, ""), rotationAge, now))];
    }
}
