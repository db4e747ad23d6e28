using KeyPortal.Limits;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>
/// Who may set the limits of a key. Where the policy leaves that to owners and admins, everybody else's keys take the organization's default tier and keep what
/// somebody has given them. And whatever the policy says: a key that has limits itself makes no second one that calls KeyPortal in its place.
/// </summary>
internal sealed class LimitGrant
{
    /// <summary>The policy leaves limits to owners and admins, and the actor is neither.</summary>
    public const string ByAdmins = "limits_not_grantable";

    /// <summary>The key that calls has limits itself.</summary>
    public const string LimitedCaller = "limited_credential";

    private readonly bool _isLeftToOthers;
    private readonly bool _isLimited;

    private LimitGrant(bool isLeftToOthers, bool isLimited) => (_isLeftToOthers, _isLimited) = (isLeftToOthers, isLimited);

    /// <summary>What the actor may, by role, policy and limits of this moment.</summary>
    public static async Task<LimitGrant> OfAsync(KeyPortalDb db, Actor actor, OrganizationPolicy policy, CancellationToken cancellationToken) =>
        new(policy.LimitsByAdmins && !await SetsLimitsAsync(db, actor, cancellationToken), await IsLimitedAsync(db, actor, cancellationToken));

    /// <summary>Would a person of this role be refused? For forms, which show it before.</summary>
    public static bool IsLeftToOthers(Actor actor, OrganizationPolicy policy) => policy.LimitsByAdmins && !actor.May(Act.ChangePolicy);

    /// <summary>What was not named stays as it is for whom it would be refused to change it: all of a key's rules can be sent without knowing its limits.</summary>
    public KeyInput Settle(KeyInput wanted, KeyInput present) => !_isLeftToOthers && !(_isLimited && Opens(present.Scopes)) ? wanted : wanted with
    {
        RateLimits = wanted.UnnamedLimits.HasFlag(LimitParts.RateLimits) ? present.RateLimits : wanted.RateLimits,
        Quotas = wanted.UnnamedLimits.HasFlag(LimitParts.Quotas) ? present.Quotas : wanted.Quotas,
        Tier = wanted.UnnamedLimits.HasFlag(LimitParts.Tier) ? present.Tier : wanted.Tier,
    };

    /// <summary>Refuses limits other than the key had, where they are not the actor's to set.</summary>
    /// <param name="key">As it would be.</param>
    /// <param name="before">As it was; null for a new key, which has none.</param>
    public Refusal? Check(ApiKey key, KeyInput? before)
    {
        var changed = Changed(KeyInput.Of(key), before);
        if (_isLeftToOthers && changed.Count > 0)
        {
            return Refused(ByAdmins, changed, before is null
                ? $"Your organization's policy (limits_by_admins) lets only owners and admins set limits. Leave out {string.Join(", ", changed)}: the key then takes your organization's default tier."
                : $"Your organization's policy (limits_by_admins) lets only owners and admins change limits. Leave {string.Join(", ", changed)} as before, or ask one of them.");
        }

        if (!_isLimited || !Opens(key.Scopes))
        {
            return null;
        }

        return Gains(key.Scopes, before?.Scopes ?? []) ? RefuseOwnScopes("give a key one of KeyPortal's own scopes", "scopes")
            : changed.Count > 0 ? Refused(LimitedCaller, changed, $"The key that calls has limits, so it cannot change {string.Join(", ", changed)} of a key that holds one of KeyPortal's own scopes.")
            : null;
    }

    /// <summary>Refuses to tell a limited key the secret of one that calls KeyPortal too: it could go on with that one.</summary>
    public Refusal? CheckSecret(ApiKey key) => _isLimited && Opens(key.Scopes) ? RefuseOwnScopes("get a secret with one of KeyPortal's own scopes") : null;

    /// <summary>Refuses to let a limited key switch on, or give more time to, one that calls KeyPortal too: it would have another to go on with.</summary>
    public static async Task<Refusal?> RefuseGivingAsync(KeyPortalDb db, Actor actor, ApiKey key, CancellationToken cancellationToken) =>
        Opens(key.Scopes) && await IsLimitedAsync(db, actor, cancellationToken) ? RefuseOwnScopes("switch on, or give more time to, a key with one of KeyPortal's own scopes") : null;

    /// <summary>Refuses to let a limited key make a tier wider: another that is limited by it could do the same for the key that calls.</summary>
    public static async Task<Refusal?> RefuseWideningAsync(KeyPortalDb db, Actor actor, CancellationToken cancellationToken) =>
        await IsLimitedAsync(db, actor, cancellationToken)
            ? Refused(LimitedCaller, [], "The key that calls has limits, so it cannot make a tier allow more. Use a credential without limits.")
            : null;

    private static Refusal RefuseOwnScopes(string what, params string[] fields) =>
        Refused(LimitedCaller, fields, $"The key that calls has limits, so it cannot {what}: the two together could do more than it may. Use a credential without limits.");

    private static Refusal Refused(string code, IReadOnlyList<string> fields, string detail) =>
        new(RefusalKind.NotAllowed, code, detail) { Errors = [.. fields.Select(field => new FieldError("/" + field, detail))] };

    private static List<string> Changed(KeyInput after, KeyInput? before)
    {
        before ??= new KeyInput { Name = "" };
        List<string> changed = [];
        if (!after.RateLimits.SequenceEqual(before.RateLimits))
        {
            changed.Add("rate_limits");
        }

        if (!after.Quotas.SequenceEqual(before.Quotas))
        {
            changed.Add("quotas");
        }

        if (after.Tier != before.Tier)
        {
            changed.Add("tier");
        }

        return changed;
    }

    private static bool Opens(IReadOnlyList<string> scopes) => OwnScopeGrant.Granted(scopes).Any();

    private static bool Gains(IReadOnlyList<string> scopes, IReadOnlyList<string> had) => OwnScopeGrant.Granted(scopes).Except(OwnScopeGrant.Granted(had)).Any();

    /// <summary>Whoever may change the tiers themselves.</summary>
    private static async Task<bool> SetsLimitsAsync(KeyPortalDb db, Actor actor, CancellationToken cancellationToken)
    {
        var role = await db.Set<Member>().Where(m => m.OrganizationId == actor.OrganizationId && m.UserId == actor.MemberId).Select(m => (Role?)m.Role).SingleOrDefaultAsync(cancellationToken);
        return (actor with { Role = role ?? actor.Role }).May(Act.ChangePolicy);
    }

    /// <summary>Does anything set on the key that calls ever refuse it? The organization's default binds no caller, and a soft quota refuses nothing.</summary>
    private static async Task<bool> IsLimitedAsync(KeyPortalDb db, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Type != ActorType.ApiKey
            || await db.Set<ApiKey>().AsNoTracking().SingleOrDefaultAsync(k => k.Id == actor.Id, cancellationToken) is not { } own)
        {
            return false;
        }

        var limits = KeyLimits.Of(own.RateLimits, own.Quotas, (await TierLists.OfAsync(db, actor.OrganizationId, cancellationToken)).Find(own.Tier), null);
        return limits.RateLimits.Length > 0 || limits.Quotas.ToArray().Any(q => q.Mode == QuotaMode.Hard);
    }
}
