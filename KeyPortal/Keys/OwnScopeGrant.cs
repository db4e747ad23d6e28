using KeyPortal.Primitives;

namespace KeyPortal.Keys;

/// <summary>Nobody, and no key, hands on one of KeyPortal's own scopes that it lacks: else a narrow management key would make itself a wide one.</summary>
internal static class OwnScopeGrant
{
    public const string Code = "scope_not_grantable";

    /// <summary>Refuses when <paramref name="scopes"/> would grant one of KeyPortal's own scopes that the actor lacks and the key did not have <paramref name="already"/>.</summary>
    public static Refusal? Check(Actor actor, IReadOnlyList<string> scopes, IReadOnlyList<string> already)
    {
        var had = Granted(already).ToList();
        var missing = Granted(scopes).FirstOrDefault(own => !had.Contains(own) && !actor.MayGrant(own));
        return missing is null ? null : new Refusal(RefusalKind.NotAllowed, Code, $"You cannot give a key the scope {missing}, because you do not hold it yourself.");
    }

    internal static IEnumerable<Scope> Granted(IReadOnlyList<string> scopes) =>
        scopes.SelectMany(text => Scope.TryParse(text, out var scope) ? OwnScopes.GrantedBy(scope) : []);
}
