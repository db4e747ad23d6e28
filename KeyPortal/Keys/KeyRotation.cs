using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Keys.Policies;
using KeyPortal.Limits;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KeyPortal.Keys;

/// <summary>How to rotate. Without a <paramref name="Grace"/> the organization's policy decides how long the old secret lives on.</summary>
/// <param name="Force">Ends a secret that is in use and still within an earlier rotation's grace period, instead of refusing.</param>
public sealed record RotationInput(TimeSpan? Grace = null, bool Force = false)
{
    /// <summary>What is wrong with it, whatever key it is for.</summary>
    internal Refusal? Check() => Grace is { } asked && (asked < TimeSpan.Zero || asked > KeyRotation.LongestGrace)
        ? Refusal.Invalid("/grace_period_seconds", $"A grace period has 0 to {PolicySettings.MaxGracePeriodSeconds:N0} seconds (30 days).")
        : null;
}

/// <summary>Gives a key a new secret. The key stays what it is: same id, same rules; for a grace period the old secret is good too.</summary>
public sealed class KeyRotation(
    KeyChange keys, PermissionGate gate, KeyManagement management, Pepper pepper, VerifierHashing verifiers, SecretUses uses, IDbContextFactory<KeyPortalDb> contexts, IOptions<KeySettings> settings)
{
    public static readonly TimeSpan LongestGrace = TimeSpan.FromSeconds(PolicySettings.MaxGracePeriodSeconds);

    private static readonly Refusal Revoked = Refusal.Conflict("key_revoked", "A revoked key is ended for good; create a new one instead.");

    /// <summary>
    /// Rotates, and returns the new plaintext this once. At most two secrets live: rotating again within a grace period drops the newer one when nobody
    /// has used it (its answer was lost), else refuses with <c>rotation_under_way</c> unless forced. An expired key is renewed with the policy's own
    /// lifetime. Refuses: not allowed, a bad grace period, <c>key_revoked</c>, <c>key_limit_reached</c>, one of KeyPortal's own scopes the actor lacks, or that a limited key would gain,
    /// and a live key to a member without a second factor (<c>second_factor_required</c>): its new secret is as good as a new key.
    /// </summary>
    [Needs(Act.ChangeKeys)]
    public async Task<Outcome<IssuedKey>> RotateAsync(Actor actor, string keyId, RotationInput input, CallTerms? terms = null, CancellationToken cancellationToken = default)
    {
        if (input.Check() is { } broken)
        {
            return broken;
        }

        // Who may not, or what cannot be, costs no slow hash.
        if (await keys.RefuseAsync(actor, keyId, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (await management.RefuseAsync() is { } off)
        {
            return off;
        }

        var plaintext = await DrawAsync(keyId, cancellationToken);
        var verifier = await verifiers.HashAsync(plaintext, cancellationToken);
        if (verifier.Refusal is { } busy)
        {
            return busy;
        }

        var rotated = await keys.RunAsync(actor, keyId, terms, (write, key) => RotateAsync(write, key, actor, input, plaintext, verifier.Value, cancellationToken), cancellationToken);
        if (rotated.Refusal is { } refused)
        {
            return refused.Code is OwnScopeGrant.Code || refused == KeyIssuance.SecondFactorRequired ? await gate.RecordAsync(actor, Act.ChangeKeys, AuditTarget.Key(keyId, ""), refused, cancellationToken) : refused;
        }

        return new IssuedKey(rotated.Value, plaintext);
    }

    /// <summary>Ends the old secret earlier or later than was said at the rotation; now, where <paramref name="endsAt"/> has passed. Refuses when there is none left.</summary>
    [Needs(Act.ChangeKeys)]
    public Task<Outcome<KeyView>> EndPreviousAsync(Actor actor, string keyId, DateTimeOffset endsAt, CallTerms? terms = null, CancellationToken cancellationToken = default) =>
        keys.RunAsync(actor, keyId, terms, async (write, key) =>
        {
            if (key.IsRevoked(write.Now))
            {
                return Revoked;
            }

            // Taking away stays possible when key management is switched off; giving does not.
            if (endsAt > write.Now && await management.RefuseAsync() is { } off)
            {
                return off;
            }

            if (endsAt > write.Now + LongestGrace)
            {
                return Refusal.Invalid("/ends_at", "The old secret may live on for 30 days at most.");
            }

            if ((await LiveAsync(write, key, cancellationToken)).Find(s => s.Version != key.SecretVersion) is not { } previous)
            {
                return Refusal.Conflict("no_previous_secret", "The old secret has ended already.");
            }

            var before = previous.EndsAt;
            previous.EndsAt = endsAt > write.Now ? endsAt : write.Now;
            key.PreviousEndsAt = previous.EndsAt;
            return new AuditRecord("key.grace_changed", AuditTarget.Key(key.Id, key.Name))
            {
                Details = new JsonObject { ["secret_version"] = previous.Version, ["before"] = AuditLog.Instant(before!.Value), ["after"] = AuditLog.Instant(previous.EndsAt.Value) },
            };
        }, cancellationToken);

    private async Task<PlaintextKey> DrawAsync(string keyId, CancellationToken cancellationToken)
    {
        await using var db = contexts.CreateDbContext();
        var kind = await db.Set<ApiKey>().Where(k => k.Id == keyId).Select(k => new { k.Type, k.Environment }).SingleAsync(cancellationToken);
        return PlaintextKey.Generate(kind.Type, kind.Environment, settings.Value.Brand);
    }

    private async Task<Outcome<AuditRecord?>> RotateAsync(
        WriteTransaction write, ApiKey key, Actor actor, RotationInput input, PlaintextKey plaintext, Verifier verifier, CancellationToken cancellationToken)
    {
        if ((Check(write, key, actor) ?? await AbsentOwner.RefuseAsync(write, key, cancellationToken)
            ?? await KeyIssuance.RefuseUnguardedAsync(write.Db, actor, key.Environment, cancellationToken)) is { } refusal)
        {
            return refusal;
        }

        var policy = (await write.Set<Organization>().AsNoTracking().SingleAsync(o => o.Id == key.OrganizationId, cancellationToken)).Policy;
        if ((await LimitGrant.OfAsync(write.Db, actor, policy, cancellationToken)).CheckSecret(key) is { } limited)
        {
            return limited;
        }

        var details = new JsonObject();
        var grace = input.Grace ?? TimeSpan.FromSeconds(policy.DefaultGracePeriodSeconds);
        if (await RenewAsync(write, key, policy, details, cancellationToken) is { } unrenewed)
        {
            return unrenewed;
        }

        // Asked before the rows are read: what has been written is no longer known here.
        var isUsed = uses.Knows(key.Id, key.SecretVersion);
        var live = await LiveAsync(write, key, cancellationToken);
        if (Supersede(key, live, isUsed, details.ContainsKey("renewed_until") ? TimeSpan.Zero : grace, input.Force, write.Now, details) is { } underWay)
        {
            return underWay;
        }

        (key.SecretVersion, key.Start, key.RotatedAt) = (key.SecretVersion + 1, plaintext.Start, write.Now);
        key.IndexForSearch();
        var secret = KeySecret.Of(key, plaintext, verifier, pepper, write.Now);
        write.Set<KeySecret>().Add(secret);
        write.Announce(new SecretsChanged([LookupHash.From(secret.LookupHash)]));
        details["secret_version"] = key.SecretVersion;
        details["start"] = key.Start;
        details["previous_valid_until"] = key.PreviousEndsAt is { } end ? AuditLog.Instant(end) : null;
        var target = AuditTarget.Key(key.Id, key.Name);
        await AuditLog.AppendAsync(write, actor, new AuditRecord("key.rotated", target) { Details = details }, cancellationToken);
        return new AuditRecord("key.revealed", target) { Details = new JsonObject { ["secret_version"] = key.SecretVersion } };
    }

    private static Refusal? Check(WriteTransaction write, ApiKey key, Actor actor) =>
        key.IsRevoked(write.Now) ? Revoked
        : key.RevokedAt is not null ? Refusal.Conflict("key_retiring", "This key is being retired. A new secret would not outlive it; create a new key instead.")
        : key.IsPending ? Refusal.Conflict("key_pending", "This key waits for a second person's approval. It can be rotated once it is approved.")
        // Whoever gets the new secret can do all the key can.
        : OwnScopeGrant.Check(actor, key.Scopes, already: []);

    /// <summary>An expired key comes back with the lifetime the policy gives a new one, where the policy has room for it.</summary>
    private static async Task<Refusal?> RenewAsync(WriteTransaction write, ApiKey key, OrganizationPolicy policy, JsonObject details, CancellationToken cancellationToken)
    {
        if (!(key.ExpiresAt <= write.Now))
        {
            return null;
        }

        var end = policy.DefaultExpiry.From(write.Now);
        if (policy.MaxLifetimeSeconds is { } seconds && (end is null || end > key.CreatedAt.AddSeconds(seconds)))
        {
            end = key.CreatedAt.AddSeconds(Math.Min(seconds, (DateTimeOffset.MaxValue - key.CreatedAt).TotalSeconds));
        }

        if (end <= write.Now || (end is null && !policy.NeverExpiresAllowed))
        {
            return Refusal.Conflict("renewal_not_allowed", "This key has expired, and your organization's policy does not allow it a longer lifetime. Create a new key instead.");
        }

        // Nobody counts what an expired key holds, so a scope may have left the catalogue since, and a tier its list; a renewed key would bring the one back and be free of the other's limits.
        var catalogue = await write.Set<CatalogueScope>().AsNoTracking().Where(s => s.OrganizationId == key.OrganizationId).ToListAsync(cancellationToken);
        if (new KeyRules(policy, catalogue, await TierLists.OfAsync(write.Db, key.OrganizationId, cancellationToken), write.Now).CheckHeld(key) is { } gone)
        {
            return Refusal.Conflict("renewal_not_allowed", $"This key has expired, and it could not be made as it is any more. {gone.Detail}");
        }

        // An expired key was not counted; brought back it is one more.
        if ((ApprovalNeed.RefuseRenewing(key, policy) ?? await KeyLimit.CheckAsync(write.Db, key, policy, write.Now, cancellationToken)) is { } barred)
        {
            return barred;
        }

        key.ExpiresAt = end;
        details["renewed_until"] = end is { } until ? AuditLog.Instant(until) : "never";
        return null;
    }

    /// <summary>Makes room for a new secret beside at most one old one; null when there is room now.</summary>
    private static Refusal? Supersede(ApiKey key, List<KeySecret> live, bool isUsed, TimeSpan grace, bool force, DateTimeOffset now, JsonObject details)
    {
        var current = live.Find(s => s.Version == key.SecretVersion);
        var previous = live.Find(s => s.Version != key.SecretVersion);
        details["grace_period_seconds"] = (long)grace.TotalSeconds;
        if (previous is not null && current is not null && !isUsed && current.FirstUsedAt is null)
        {
            // Its answer was lost on the way: whoever asked still works with the old one, whose grace period goes on as announced.
            current.EndsAt = now;
            details["dropped_version"] = current.Version;
            return null;
        }

        if (previous is not null)
        {
            if (!force)
            {
                return Refusal.Conflict("rotation_under_way",
                    $"Version {previous.Version} of this key is still good until {AuditLog.Instant(previous.EndsAt!.Value)}, and the newer one is in use. Wait until then, end it, or force this rotation, which ends it now.");
            }

            previous.EndsAt = now;
            details["ended_version"] = previous.Version;
        }

        if (current is not null)
        {
            current.EndsAt = now + grace;
            key.PreviousEndsAt = current.EndsAt;
        }

        return null;
    }

    private static Task<List<KeySecret>> LiveAsync(WriteTransaction write, ApiKey key, CancellationToken cancellationToken) =>
        write.Set<KeySecret>().Where(s => s.KeyId == key.Id && (s.EndsAt == null || s.EndsAt > write.Now)).OrderBy(s => s.Version).ToListAsync(cancellationToken);
}
