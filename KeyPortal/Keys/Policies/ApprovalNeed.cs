using KeyPortal.Organizations;
using KeyPortal.Primitives;

namespace KeyPortal.Keys.Policies;

/// <summary>Which keys need a second person's approval: live ones that hold a scope the policy names, be it through a wildcard on either side.</summary>
internal static class ApprovalNeed
{
    /// <summary>Does a key with these scopes hold any that needs approval? A key with <c>triggers:*</c> holds <c>triggers:write</c>.</summary>
    public static bool IsIn(IEnumerable<string> scopes, OrganizationPolicy policy) =>
        policy.ApprovalScopes.Count > 0 && scopes.Select(Scope.Parse).Any(held => policy.ApprovalScopes.Select(Scope.Parse).Any(named => held.Covers(named) || named.Covers(held)));

    /// <summary>Makes a new key wait, where its scopes want it.</summary>
    public static void Settle(ApiKey key, OrganizationPolicy policy, DateTimeOffset now)
    {
        if (key.Environment == KeyEnvironment.Live && IsIn(key.Scopes, policy))
        {
            key.AskForApproval(now);
        }
    }

    /// <summary>
    /// Refuses to give a live key that is in use a scope which needs approval: it would have it before anybody approved. One that waits may gain any, for it
    /// goes on waiting.
    /// </summary>
    public static Refusal? RefuseAdding(ApiKey key, IReadOnlyList<string> already, OrganizationPolicy policy)
    {
        if (key.Environment != KeyEnvironment.Live || key.IsPending)
        {
            return null;
        }

        Scope[] held = [.. already.Select(Scope.Parse)];
        var gained = key.Scopes.Where(s => !Scope.AnyCovers(held, Scope.Parse(s)) && IsIn([s], policy)).ToList();
        return gained.Count == 0 ? null : Refusal.Conflict("approval_required",
            $"A live key may hold {string.Join(", ", gained)} only with a second person's approval. Create a new key with it: that one will wait for approval.");
    }

    /// <summary>Refuses to bring an expired key back with a scope that needs approval by now, unless somebody approved the key in its time.</summary>
    public static Refusal? RefuseRenewing(ApiKey key, OrganizationPolicy policy) => key.ApprovedAt is null ? RefuseAdding(key, already: [], policy) : null;
}
