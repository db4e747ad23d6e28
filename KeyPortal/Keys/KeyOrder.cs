using System.Globalization;
using KeyPortal.Primitives;

namespace KeyPortal.Keys;

/// <summary>
/// Keyset order: by a value, then by id, and from behind a cursor on. A key never used comes before all used ones, one that never expires after all
/// that do, so that ascending order asks for attention first.
/// </summary>
internal static class KeyOrder
{
    // Stand-ins for "none", inside what both databases can hold.
    private static readonly DateTimeOffset NeverUsed = DateTimeOffset.UnixEpoch;
    private static readonly DateTimeOffset NeverExpires = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());

    public static Cursor CursorOf(ApiKey key, KeySort sort) => new(sort switch
    {
        KeySort.Name => key.Name,
        KeySort.LastUsedAt => Milliseconds(key.LastUsedAt ?? NeverUsed),
        KeySort.ExpiresAt => Milliseconds(key.ExpiresAt ?? NeverExpires),
        _ => Milliseconds(key.CreatedAt),
    }, key.Id);

    public static IQueryable<ApiKey> Apply(IQueryable<ApiKey> keys, KeySort sort, bool descending, Cursor? after) => sort switch
    {
        KeySort.Name => ByName(keys, descending, after),
        KeySort.LastUsedAt => ByLastUse(keys, descending, after),
        KeySort.ExpiresAt => ByExpiry(keys, descending, after),
        _ => ByCreation(keys, descending, after),
    };

    private static IQueryable<ApiKey> ByName(IQueryable<ApiKey> keys, bool descending, Cursor? after)
    {
        if (after is var (name, id))
        {
            keys = descending
                ? keys.Where(k => string.Compare(k.Name, name) < 0 || (k.Name == name && string.Compare(k.Id, id) < 0))
                : keys.Where(k => string.Compare(k.Name, name) > 0 || (k.Name == name && string.Compare(k.Id, id) > 0));
        }

        return descending ? keys.OrderByDescending(k => k.Name).ThenByDescending(k => k.Id) : keys.OrderBy(k => k.Name).ThenBy(k => k.Id);
    }

    private static IQueryable<ApiKey> ByCreation(IQueryable<ApiKey> keys, bool descending, Cursor? after)
    {
        if (after is var (value, id))
        {
            var at = Instant(value);
            keys = descending
                ? keys.Where(k => k.CreatedAt < at || (k.CreatedAt == at && string.Compare(k.Id, id) < 0))
                : keys.Where(k => k.CreatedAt > at || (k.CreatedAt == at && string.Compare(k.Id, id) > 0));
        }

        return descending ? keys.OrderByDescending(k => k.CreatedAt).ThenByDescending(k => k.Id) : keys.OrderBy(k => k.CreatedAt).ThenBy(k => k.Id);
    }

    private static IQueryable<ApiKey> ByLastUse(IQueryable<ApiKey> keys, bool descending, Cursor? after)
    {
        if (after is var (value, id))
        {
            var at = Instant(value);
            keys = descending
                ? keys.Where(k => (k.LastUsedAt ?? NeverUsed) < at || ((k.LastUsedAt ?? NeverUsed) == at && string.Compare(k.Id, id) < 0))
                : keys.Where(k => (k.LastUsedAt ?? NeverUsed) > at || ((k.LastUsedAt ?? NeverUsed) == at && string.Compare(k.Id, id) > 0));
        }

        return descending
            ? keys.OrderByDescending(k => k.LastUsedAt ?? NeverUsed).ThenByDescending(k => k.Id)
            : keys.OrderBy(k => k.LastUsedAt ?? NeverUsed).ThenBy(k => k.Id);
    }

    private static IQueryable<ApiKey> ByExpiry(IQueryable<ApiKey> keys, bool descending, Cursor? after)
    {
        if (after is var (value, id))
        {
            var at = Instant(value);
            keys = descending
                ? keys.Where(k => (k.ExpiresAt ?? NeverExpires) < at || ((k.ExpiresAt ?? NeverExpires) == at && string.Compare(k.Id, id) < 0))
                : keys.Where(k => (k.ExpiresAt ?? NeverExpires) > at || ((k.ExpiresAt ?? NeverExpires) == at && string.Compare(k.Id, id) > 0));
        }

        return descending
            ? keys.OrderByDescending(k => k.ExpiresAt ?? NeverExpires).ThenByDescending(k => k.Id)
            : keys.OrderBy(k => k.ExpiresAt ?? NeverExpires).ThenBy(k => k.Id);
    }

    private static string Milliseconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    private static DateTimeOffset Instant(string milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(
        Math.Clamp(long.Parse(milliseconds, CultureInfo.InvariantCulture), 0, NeverExpires.ToUnixTimeMilliseconds()));
}
