using System.Text.Json.Nodes;
using KeyPortal.Access;
using KeyPortal.Audit;
using KeyPortal.Keys.Policies;
using KeyPortal.Limits;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KeyPortal.Keys;

/// <summary>Makes API keys.</summary>
public sealed class KeyIssuance(
    Writer writer, IDbContextFactory<KeyPortalDb> contexts, PermissionGate gate, KeyManagement management, Pepper pepper, VerifierHashing verifiers, ApprovalRequests approvals, IOptions<KeySettings> settings, TimeProvider clock)
{
    public static readonly Refusal SecondFactorRequired = new(RefusalKind.NotAllowed, "second_factor_required",
        "Whoever gets a live key's secret needs a second factor. It can be set up in the portal, under Account; test keys need none.");

    /// <summary>
    /// Makes a key owned by the actor's member, and returns its plaintext this once.
    /// Refuses: not allowed, <c>key_management_disabled</c>, a broken rule (every one named), one of KeyPortal's own scopes the actor lacks, limits that are not the actor's to set,
    /// <c>key_limit_reached</c>, and a live key to a member without a second factor (<c>second_factor_required</c>).
    /// </summary>
    [Needs(Act.CreateKeys)]
    public Task<Outcome<IssuedKey>> CreateAsync(Actor actor, KeyInput input, KeyType type, KeyEnvironment environment, CallTerms? terms = null, CancellationToken cancellationToken = default) =>
        CreateAsync(actor, input, type, environment, terms, isFirst: false, cancellationToken);

    /// <summary>
    /// The management key that <c>bootstrap</c> prints: it waits for nobody and names no networks, whatever the policy of new organizations says. There is no
    /// second person yet, and whoever bootstraps holds the server itself.
    /// </summary>
    internal Task<Outcome<IssuedKey>> CreateFirstAsync(Actor owner, KeyInput input, CancellationToken cancellationToken = default) =>
        CreateAsync(owner, input, KeyType.Secret, KeyEnvironment.Live, terms: null, isFirst: true, cancellationToken);

    private async Task<Outcome<IssuedKey>> CreateAsync(Actor actor, KeyInput input, KeyType type, KeyEnvironment environment, CallTerms? terms, bool isFirst, CancellationToken cancellationToken)
    {
        if (await gate.RefuseAsync(actor, Act.CreateKeys, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (await management.RefuseAsync() is { } off)
        {
            return off;
        }

        if (OwnScopeGrant.Check(actor, input.Scopes, already: []) is { } lacking)
        {
            return await gate.RecordAsync(actor, Act.CreateKeys, AuditTarget.Organization(actor.OrganizationId, ""), lacking, cancellationToken);
        }

        // The rules are checked twice: here, so that a refusal costs no slow hash, and in the transaction, where it counts.
        var plaintext = PlaintextKey.Generate(type, environment, settings.Value.Brand);
        await using (var db = contexts.CreateDbContext())
        {
            if (await RefuseUnguardedAsync(db, actor, environment, cancellationToken) is { } unguarded)
            {
                return await gate.RecordAsync(actor, Act.CreateKeys, AuditTarget.Organization(actor.OrganizationId, ""), unguarded, cancellationToken);
            }

            if ((await DraftAsync(db, clock.Now(), actor, input, plaintext, isFirst, cancellationToken)).Refusal is { } early)
            {
                return early.Kind == RefusalKind.NotAllowed ? await gate.RecordAsync(actor, Act.CreateKeys, AuditTarget.Organization(actor.OrganizationId, ""), early, cancellationToken) : early;
            }
        }

        var verifier = await verifiers.HashAsync(plaintext, cancellationToken);
        if (verifier.Refusal is { } busy)
        {
            return busy;
        }

        var issued = await writer.RunAsync<IssuedKey>(async write =>
        {
            if ((await RightsOfNow.RefuseAsync(write, actor, Act.CreateKeys, actor.MemberId, cancellationToken)
                ?? await RefuseUnguardedAsync(write.Db, actor, environment, cancellationToken)) is { } late)
            {
                return late;
            }

            var drafted = await DraftAsync(write.Db, write.Now, actor, input, plaintext, isFirst, cancellationToken);
            if (!drafted.Succeeded(out var key, out var refused))
            {
                return refused;
            }

            var secret = KeySecret.Of(key, plaintext, verifier.Value, pepper, write.Now);
            write.Set<ApiKey>().Add(key);
            write.Set<KeySecret>().Add(secret);
            write.Announce(new SecretsChanged([LookupHash.From(secret.LookupHash)]));
            var target = AuditTarget.Key(key.Id, key.Name);
            await AuditLog.AppendAsync(write, actor, new AuditRecord("key.created", target) { Details = Describe(key) }, cancellationToken);
            await AuditLog.AppendAsync(write, actor, new AuditRecord("key.revealed", target) { Details = new JsonObject { ["secret_version"] = 1 } }, cancellationToken);
            await approvals.AskAsync(write, actor, key, withMail: true, cancellationToken);
            if (terms?.Once is { } once)
            {
                await once.DoneAsync(write, key.Id, cancellationToken);
            }

            var owner = await write.Set<Member>().Where(m => m.OrganizationId == key.OrganizationId && m.UserId == key.OwnerId).Select(m => m.Name).SingleOrDefaultAsync(cancellationToken);
            return new IssuedKey(KeyView.Of(key, owner ?? "", await RotationAge.OfPolicyAsync(write.Db, key.OrganizationId, cancellationToken), write.Now), plaintext);
        }, cancellationToken);
        return issued.Refusal is { Kind: RefusalKind.NotAllowed } forbidden
            ? await gate.RecordAsync(actor, Act.CreateKeys, AuditTarget.Organization(actor.OrganizationId, ""), forbidden, cancellationToken)
            : issued;
    }

    /// <summary>A live key opens real data, so its owner's account must not hang on a password alone.</summary>
    internal static async Task<Refusal?> RefuseUnguardedAsync(KeyPortalDb db, Actor actor, KeyEnvironment environment, CancellationToken cancellationToken) =>
        environment != KeyEnvironment.Live || await SecondFactors.HasAnyAsync(db, actor.MemberId, cancellationToken) ? null : SecondFactorRequired;

    private static async Task<Outcome<ApiKey>> DraftAsync(KeyPortalDb db, DateTimeOffset now, Actor actor, KeyInput input, PlaintextKey plaintext, bool isFirst, CancellationToken cancellationToken)
    {
        var policy = (await db.Set<Organization>().AsNoTracking().SingleAsync(o => o.Id == actor.OrganizationId, cancellationToken)).Policy;
        if (isFirst)
        {
            (policy.NetworksRequiredForLive, policy.ApprovalScopes) = (false, []);
        }

        var catalogue = await db.Set<CatalogueScope>().AsNoTracking().Where(s => s.OrganizationId == actor.OrganizationId).ToListAsync(cancellationToken);
        var key = new ApiKey
        {
            Id = EntityId.New(EntityId.Key, now),
            OrganizationId = actor.OrganizationId,
            OwnerId = actor.MemberId,
            Type = plaintext.Type,
            Environment = plaintext.Environment,
            Start = plaintext.Start,
            SecretVersion = 1,
            CreatedAt = now,
            CreatedBy = actor.Id,
        };
        if (new KeyRules(policy, catalogue, await TierLists.OfAsync(db, actor.OrganizationId, cancellationToken), now).Apply(input, key) is { } broken)
        {
            return broken;
        }

        if (((await LimitGrant.OfAsync(db, actor, policy, cancellationToken)).Check(key, before: null) ?? await KeyLimit.CheckAsync(db, key, policy, now, cancellationToken)) is { } barred)
        {
            return barred;
        }

        ApprovalNeed.Settle(key, policy, now);
        key.Revision = 1;
        return key;
    }

    internal static JsonObject Describe(ApiKey key) => new()
    {
        ["type"] = SnakeCase.Of(key.Type),
        ["environment"] = SnakeCase.Of(key.Environment),
        ["start"] = key.Start,
        ["owner_id"] = key.OwnerId,
        ["after"] = KeyEditing.Describe(key),
    };
}
