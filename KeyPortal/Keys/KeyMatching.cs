using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>A filter as a query.</summary>
internal static class KeyMatching
{
    /// <summary>The keys the actor may see.</summary>
    public static IQueryable<ApiKey> Visible(KeyPortalDb db, Actor actor)
    {
        var keys = db.Set<ApiKey>().Where(k => k.OrganizationId == actor.OrganizationId);
        return actor.ReachOf(Act.ReadKeys) == Reach.All ? keys : keys.Where(k => k.OwnerId == actor.MemberId);
    }

    /// <summary>The keys of an organization that are neither revoked nor expired; of one owner, where one is named.</summary>
    public static IQueryable<ApiKey> Living(KeyPortalDb db, string organizationId, string? ownerId, DateTimeOffset now) => db.Set<ApiKey>()
        .Where(k => k.OrganizationId == organizationId && (ownerId == null || k.OwnerId == ownerId) && (k.RevokedAt == null || k.RevokedAt > now) && (k.ExpiresAt == null || k.ExpiresAt > now));

    /// <summary>The keys in use that the actor may see.</summary>
    public static IQueryable<ApiKey> Active(KeyPortalDb db, Actor actor, DateTimeOffset now) => Matching(Visible(db, actor), db, new KeyFilter { Status = KeyStatus.Active }, now);

    public static IQueryable<ApiKey> Matching(IQueryable<ApiKey> keys, KeyPortalDb db, KeyFilter filter, DateTimeOffset now)
    {
        keys = filter.Status switch
        {
            KeyStatus.Revoked => keys.Where(k => k.RevokedAt <= now),
            KeyStatus.Disabled => NotRevoked(keys, now).Where(k => k.DisabledAt != null),
            KeyStatus.Expired => NotRevoked(keys, now).Where(k => k.DisabledAt == null && k.ExpiresAt <= now),
            KeyStatus.Pending => InUse(keys, now).Where(k => k.ApprovalAskedAt != null && k.ApprovedAt == null),
            KeyStatus.Retiring => InUse(keys, now).Where(k => (k.ApprovalAskedAt == null || k.ApprovedAt != null) && k.RevokedAt != null),
            KeyStatus.Active => InUse(keys, now).Where(k => (k.ApprovalAskedAt == null || k.ApprovedAt != null) && k.RevokedAt == null),
            _ => keys,
        };
        keys = filter.Environment is { } environment ? keys.Where(k => k.Environment == environment) : keys;
        keys = filter.Type is { } type ? keys.Where(k => k.Type == type) : keys;
        keys = filter.OwnerId is { } ownerId ? keys.Where(k => k.OwnerId == ownerId) : keys;
        keys = filter.LastUsedBefore is { } used ? keys.Where(k => k.LastUsedAt == null || k.LastUsedAt < used) : keys;
        keys = filter.ExpiresBefore is { } expires ? keys.Where(k => k.ExpiresAt < expires) : keys;
        keys = filter.CreatedSince is { } since ? keys.Where(k => k.CreatedAt >= since) : keys;
        if (filter.CreatedBy is { } maker)
        {
            keys = keys.Where(k => k.CreatedBy == maker || db.Set<ApiKey>().Any(by => by.Id == k.CreatedBy && by.OwnerId == maker && by.OrganizationId == k.OrganizationId));
        }

        if (filter.Scope is { } scope)
        {
            // The id in front makes it plain text to EF Core, which would otherwise put the sought word through the list's converter too.
            var (exact, wildcard) = ($" {scope} ", $" {scope.Resource}:* ");
            keys = keys.Where(k => (k.Id + EF.Property<string>(k, nameof(ApiKey.Scopes))).Contains(exact) || (k.Id + EF.Property<string>(k, nameof(ApiKey.Scopes))).Contains(wildcard));
        }

        if (!string.IsNullOrWhiteSpace(filter.Search))
        {
            var (exact, lower) = (filter.Search.Trim(), filter.Search.Trim().ToLowerInvariant());
            keys = keys.Where(k => k.SearchText.Contains(lower) || k.SearchText.Contains(exact)
                || db.Set<Member>().Any(m => m.OrganizationId == k.OrganizationId && m.UserId == k.OwnerId && m.SearchName.Contains(lower)));
        }

        return keys;
    }

    private static IQueryable<ApiKey> NotRevoked(IQueryable<ApiKey> keys, DateTimeOffset now) => keys.Where(k => k.RevokedAt == null || k.RevokedAt > now);

    /// <summary>Neither revoked nor disabled nor expired.</summary>
    private static IQueryable<ApiKey> InUse(IQueryable<ApiKey> keys, DateTimeOffset now) =>
        NotRevoked(keys, now).Where(k => k.DisabledAt == null && (k.ExpiresAt == null || k.ExpiresAt > now));
}
