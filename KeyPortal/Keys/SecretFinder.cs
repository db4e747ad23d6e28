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

    /// <summary>Looks by what costs least, and by slow hashes last; null where there is none.</summary>
    /// <exception cref="KeyPortal.Primitives.StorageUnavailableException">A candidate could not be checked now: neither yes nor no.</exception>
    public async Task<KeySecret?> FindAsync(KeyPortalDb db, PresentedKey key, CancellationToken cancellationToken) =>
        await FindByHashAsync(db, key, cancellationToken) ?? await FindByStartAsync(db, key, cancellationToken);

    /// <summary>By older peppers, and by the fast hashes that imports bring: a query each, no slow hash.</summary>
    public async Task<KeySecret?> FindByHashAsync(KeyPortalDb db, PresentedKey key, CancellationToken cancellationToken)
    {
        if (peppers.Older.Select(pepper => pepper.HashOf(key).ToArray()).ToList() is { Count: > 0 } older
            && await db.Set<KeySecret>().AsNoTracking().FirstOrDefaultAsync(s => older.Contains(s.LookupHash!), cancellationToken) is { } indexed)
        {
            return indexed;
        }

        if (!imported.Any)
        {
            return null;
        }

        var hashes = fastHashes.Of(key);
        var values = hashes.Select(h => h.Value).ToList();
        var found = await db.Set<KeySecret>().AsNoTracking().Where(s => values.Contains(s.FastHash!)).ToListAsync(cancellationToken);
        return found.Find(secret => IsHiddenEnough(secret, key)
            && hashes.Any(h => h.Scheme == secret.VerifierScheme && string.Equals(h.KeyId, secret.HashKeyId, StringComparison.OrdinalIgnoreCase) && h.Value.AsSpan().SequenceEqual(secret.FastHash)));
    }

    private async Task<KeySecret?> FindByStartAsync(KeyPortalDb db, PresentedKey key, CancellationToken cancellationToken)
    {
        foreach (var candidate in await CandidatesAsync(db, key, cancellationToken))
        {
            if (await verifiers.VerifyAsync(key, candidate, cancellationToken))
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>Those whose start fits, our own first. Whatever is indexed under a pepper that is here would have been found by it.</summary>
    private async Task<IEnumerable<KeySecret>> CandidatesAsync(KeyPortalDb db, PresentedKey key, CancellationToken cancellationToken)
    {
        var ownStart = key.Own?.Start;
        var starts = imported.Any ? StartsOf(key) : [];
        if (ownStart is null && starts.Count == 0)
        {
            return [];
        }

        var indexed = peppers.All.Select(p => p.Id).ToList();
        var candidates = await db.Set<KeySecret>().AsNoTracking()
            .Where(s => (s.PepperId == null || !indexed.Contains(s.PepperId))
                && ((s.Start == ownStart && (s.VerifierScheme == VerifierScheme.BcryptSha256 || s.VerifierScheme == VerifierScheme.Argon2idSha256))
                    || (starts.Contains(s.Start) && (s.VerifierScheme == VerifierScheme.Bcrypt || s.VerifierScheme == VerifierScheme.Argon2id))))
            .ToListAsync(cancellationToken);
        return candidates.OrderByDescending(s => s.VerifierScheme.IsOwn()).ThenBy(s => s.KeyId, StringComparer.Ordinal);
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
