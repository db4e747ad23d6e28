using KeyPortal.Keys.Imports;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>
/// Finds the secret behind a key that no lookup hash under the current pepper leads to: imported and never used yet, indexed under an older pepper, or all
/// that is left after the pepper was lost.
/// </summary>
public sealed class SecretFinder(Peppers peppers, FastHashes fastHashes, VerifierHashing verifiers, ImportedSecrets imported)
{
    /// <summary>The shortest start by which an imported secret is found.</summary>
    public const int MinStart = 8;

    /// <summary>
    /// The longest start of an imported secret. Twenty characters hold a vendor's prefix and six more, as ours do, and are fewer than the 22 that any key
    /// of 128 random bits has in base62: a start is never a whole key that is worth the name.
    /// </summary>
    public const int MaxStart = 20;

    /// <summary>What everybody may read of a key must leave this much of it unread, or seeing a list of keys would be holding them.</summary>
    private const int MinHidden = 8;

    private static readonly VerifierScheme[] Own = [VerifierScheme.BcryptSha256, VerifierScheme.Argon2idSha256];
    private static readonly VerifierScheme[] Slow = [VerifierScheme.Bcrypt, VerifierScheme.Argon2id];

    /// <summary>
    /// Looks among the secrets that were made here first, and of the imported ones by what costs least; null where there is none. Whoever knows a key that
    /// is no secret, such as a publishable one, can import its hash into an organization of their own: it must not take the key's place there.
    /// </summary>
    /// <exception cref="KeyPortal.Primitives.StorageUnavailableException">A candidate could not be checked now: neither yes nor no.</exception>
    public async Task<KeySecret?> FindAsync(KeyPortalDb db, PresentedKey key, CancellationToken cancellationToken) =>
        await FindByPepperAsync(db, key, cancellationToken)
        ?? await FindByStartAsync(db, key, isOwn: true, cancellationToken)
        ?? await FindImportedAsync(db, key, cancellationToken)
        ?? await FindByStartAsync(db, key, isOwn: false, cancellationToken);

    /// <summary>By older peppers, and by the fast hashes that imports bring: a query each, no slow hash.</summary>
    public async Task<KeySecret?> FindByHashAsync(KeyPortalDb db, PresentedKey key, CancellationToken cancellationToken) =>
        await FindByPepperAsync(db, key, cancellationToken) ?? await FindImportedAsync(db, key, cancellationToken);

    private async Task<KeySecret?> FindByPepperAsync(KeyPortalDb db, PresentedKey key, CancellationToken cancellationToken) =>
        peppers.Older.Select(pepper => pepper.HashOf(key).ToArray()).ToList() is { Count: > 0 } older
            ? await db.Set<KeySecret>().AsNoTracking().FirstOrDefaultAsync(s => older.Contains(s.LookupHash!), cancellationToken)
            : null;

    /// <summary>By a fast hash. One key may have been imported under several: the first to come has it, for ids sort by time.</summary>
    private async Task<KeySecret?> FindImportedAsync(KeyPortalDb db, PresentedKey key, CancellationToken cancellationToken)
    {
        if (!imported.Any)
        {
            return null;
        }

        var hashes = fastHashes.Of(key);
        var values = hashes.Select(h => h.Value).ToList();
        var found = await db.Set<KeySecret>().AsNoTracking().Where(s => values.Contains(s.FastHash!)).OrderBy(s => s.KeyId).ToListAsync(cancellationToken);
        return found.Find(secret => IsHiddenEnough(secret, key)
            && hashes.Any(h => h.Scheme == secret.VerifierScheme && string.Equals(h.KeyId, secret.HashKeyId, StringComparison.OrdinalIgnoreCase) && h.Value.AsSpan().SequenceEqual(secret.FastHash)));
    }

    /// <summary>By those whose start fits, the oldest first. Whatever is indexed under a pepper that is here would have been found by it.</summary>
    private async Task<KeySecret?> FindByStartAsync(KeyPortalDb db, PresentedKey key, bool isOwn, CancellationToken cancellationToken)
    {
        List<string> starts = !isOwn ? imported.Any ? StartsOf(key) : [] : key.Own is { } own ? [own.Start] : [];
        if (starts.Count == 0)
        {
            return null;
        }

        var schemes = isOwn ? Own : Slow;
        var indexed = peppers.All.Select(p => p.Id).ToList();
        var candidates = await db.Set<KeySecret>().AsNoTracking()
            .Where(s => (s.PepperId == null || !indexed.Contains(s.PepperId)) && starts.Contains(s.Start) && schemes.Contains(s.VerifierScheme))
            .OrderBy(s => s.KeyId).ToListAsync(cancellationToken);
        foreach (var candidate in candidates)
        {
            if (await verifiers.VerifyAsync(key, candidate, cancellationToken))
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>Every start that an imported secret of this key may have been given.</summary>
    private static List<string> StartsOf(PresentedKey key)
    {
        var text = key.Expose();
        var longest = Math.Min(MaxStart, text.Length - MinHidden);
        return longest < MinStart ? [] : [.. Enumerable.Range(MinStart, longest - MinStart + 1).Select(length => text[..length])];
    }

    private static bool IsHiddenEnough(KeySecret secret, PresentedKey key) => secret.Start.Length == 0 || secret.Start.Length + MinHidden <= key.Length;
}
