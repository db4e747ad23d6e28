using KeyPortal.Access;
using KeyPortal.Keys.Policies;
using KeyPortal.Limits;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys.Imports;

/// <summary>What an item would become: a key and its secret, or a refusal.</summary>
internal sealed record ImportDraft(ImportItem Item, ApiKey? Key, KeySecret? Secret, Refusal? Refusal);

/// <summary>Holds the items of one import against the rules, what is stored, and each other. Writes nothing, so that a preview says what the import will do.</summary>
internal sealed class ImportDrafts(KeyPortalDb db, Actor actor, DateTimeOffset now, FastHashes fastHashes, Argon2id argon2id)
{
    /// <summary>How many secrets with a slow hash one presented key may have to be checked against.</summary>
    private const int MaxSharingStart = 10;

    private const int MinStart = SecretFinder.MinStart;
    private const int MaxStart = SecretFinder.MaxStart;

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly List<(string Start, string Verifier)> _slow = [];
    private OrganizationPolicy _policy = new();
    private IReadOnlyList<CatalogueScope> _catalogue = [];
    private TierList _tiers = TierList.Initial;
    private bool _hasSecondFactor;
    private LimitGrant _limits = null!;

    public async Task<List<ImportDraft>> MakeAsync(IReadOnlyList<ImportItem> items, CancellationToken cancellationToken)
    {
        _policy = (await db.Set<Organization>().AsNoTracking().SingleAsync(o => o.Id == actor.OrganizationId, cancellationToken)).Policy;
        _catalogue = await db.Set<CatalogueScope>().AsNoTracking().Where(s => s.OrganizationId == actor.OrganizationId).ToListAsync(cancellationToken);
        _tiers = await TierLists.OfAsync(db, actor.OrganizationId, cancellationToken);
        _limits = await LimitGrant.OfAsync(db, actor, _policy, cancellationToken);
        _hasSecondFactor = await SecondFactors.HasAnyAsync(db, actor.MemberId, cancellationToken);
        List<(ImportItem Item, ImportedHash? Hash, List<FieldError> Errors)> read = [];
        foreach (var item in items)
        {
            List<FieldError> errors = [.. item.Faults];
            var hash = ImportedHash.Read(item.Hash, fastHashes, argon2id, (pointer, detail) => errors.Add(new FieldError(pointer, detail)));
            if (FaultOfStart(item.Start, isNeeded: hash is { Fast: null }) is { } broken)
            {
                errors.Add(new FieldError("/start", broken));
            }

            read.Add((item, hash, errors));
        }

        await TakeStoredAsync([.. read.Select(r => r.Hash?.Fast).OfType<byte[]>()], cancellationToken);
        List<ImportDraft> drafts = [];
        for (var i = 0; i < read.Count; i++)
        {
            var (item, hash, errors) = read[i];
            var drafted = await DraftAsync(item, hash, errors, cancellationToken);
            drafts.Add(drafted.Refusal is { } refusal ? drafted with { Refusal = Within(refusal, i) } : drafted);
        }

        return drafts;
    }

    private async Task<ImportDraft> DraftAsync(ImportItem item, ImportedHash? hash, List<FieldError> errors, CancellationToken cancellationToken)
    {
        var key = new ApiKey
        {
            Id = EntityId.New(EntityId.Key, now),
            OrganizationId = actor.OrganizationId,
            OwnerId = actor.MemberId,
            Type = item.Type,
            Environment = item.Environment,
            Start = item.Start ?? "",
            SecretVersion = 1,
            CreatedAt = now,
            CreatedBy = actor.Id,
        };
        if (new KeyRules(_policy, _catalogue, _tiers, now).Apply(item.Input, key) is { } broken)
        {
            errors.AddRange(broken.Errors);
        }

        if (errors.Count > 0 || hash is null)
        {
            return new ImportDraft(item, null, null, Refusal.Invalid(errors));
        }

        if ((RefuseRights(item) ?? _limits.Check(key, before: null) ?? await TakeAsync(hash, key.Start, cancellationToken)) is { } refusal)
        {
            return new ImportDraft(item, null, null, refusal);
        }

        ApprovalNeed.Settle(key, _policy, now);
        key.Revision = 1;
        var secret = new KeySecret
        {
            KeyId = key.Id,
            Version = key.SecretVersion,
            Start = key.Start,
            Verifier = hash.Verifier,
            VerifierScheme = hash.Scheme,
            FastHash = hash.Fast,
            HashKeyId = hash.KeyId,
            CreatedAt = now,
        };
        return new ImportDraft(item, key, secret, null);
    }

    private Refusal? RefuseRights(ImportItem item) =>
        OwnScopeGrant.Check(actor, item.Input.Scopes, already: []) is { } lacking ? lacking with { Errors = [new FieldError("/scopes", lacking.Detail)] }
        : item.Environment == KeyEnvironment.Live && !_hasSecondFactor ? KeyIssuance.SecondFactorRequired with { Errors = [new FieldError("/environment", KeyIssuance.SecondFactorRequired.Detail)] }
        : null;

    private static string? FaultOfStart(string? start, bool isNeeded)
    {
        var length = start?.Length ?? 0;
        return isNeeded && length < MinStart ? $"A key with a slow hash is found by how it begins: give its first {MinStart} to {MaxStart} characters."
            : length > MaxStart ? $"A start has {MaxStart} characters at most, for everybody may read it: give no more of the key."
            : start?.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0 ? "A start holds visible ASCII characters only."
            : null;
    }

    private async Task TakeStoredAsync(List<byte[]> values, CancellationToken cancellationToken)
    {
        foreach (var some in values.Chunk(500))
        {
            List<byte[]> asked = [.. some];
            var stored = await db.Set<KeySecret>().Where(s => asked.Contains(s.FastHash!)).Select(s => s.FastHash!).ToListAsync(cancellationToken);
            _taken.UnionWith(stored.Select(Convert.ToHexString));
        }
    }

    /// <summary>Takes the hash's place, or says what stands in its way.</summary>
    private async Task<Refusal?> TakeAsync(ImportedHash hash, string start, CancellationToken cancellationToken)
    {
        if (hash.Fast is { } fast)
        {
            return _taken.Add(Convert.ToHexString(fast)) ? null : Duplicate;
        }

        var related = await RelatedAsync(start, cancellationToken);
        if (related.Exists(other => other.Verifier == hash.Verifier))
        {
            return Duplicate;
        }

        if (related.Count >= MaxSharingStart)
        {
            return Refusal.Invalid("/start", $"{MaxSharingStart} keys with a slow hash begin like this already, and each would have to be checked. Give more of the key, up to {MaxStart} characters.");
        }

        _slow.Add((start, hash.Verifier));
        return null;
    }

    /// <summary>Slow hashes that a key with this start could have to be checked against: those whose start begins it, or is begun by it.</summary>
    private async Task<List<(string Start, string Verifier)>> RelatedAsync(string start, CancellationToken cancellationToken)
    {
        var shorter = Enumerable.Range(MinStart, start.Length - MinStart + 1).Select(length => start[..length]).ToList();
        // '~' is the last character that a start may hold, so whatever begins with this one sorts before it.
        var end = start + '\u007f';
        var stored = await db.Set<KeySecret>()
            .Where(s => (s.VerifierScheme == VerifierScheme.Bcrypt || s.VerifierScheme == VerifierScheme.Argon2id)
                && (shorter.Contains(s.Start) || (string.Compare(s.Start, start) > 0 && string.Compare(s.Start, end) < 0)))
            .Select(s => new { s.Start, s.Verifier }).ToListAsync(cancellationToken);
        return [.. stored.Select(s => (s.Start, s.Verifier)), .. _slow.Where(s => s.Start.StartsWith(start, StringComparison.Ordinal) || start.StartsWith(s.Start, StringComparison.Ordinal))];
    }

    private static readonly Refusal Duplicate = new(RefusalKind.Conflict, "duplicate", "A key with this hash is there already.")
    {
        Errors = [new FieldError("/hash/value", "A key with this hash is there already.")],
    };

    private static Refusal Within(Refusal refusal, int index) =>
        refusal with { Errors = [.. refusal.Errors.Select(e => e with { Pointer = $"/keys/{index}{e.Pointer}" })] };
}
