namespace KeyPortal.Primitives;

/// <summary>KeyPortal's own scopes: what a key may do to KeyPortal itself. They are in every catalogue and never publishable.</summary>
public static class OwnScopes
{
    public static readonly Scope ApiKeysManage = Scope.Parse("api-keys:manage");
    public static readonly Scope ApiKeysValidate = Scope.Parse("api-keys:validate");
    public static readonly Scope AgentsManage = Scope.Parse("agents:manage");
    public static readonly Scope UsageRead = Scope.Parse("usage:read");
    public static readonly Scope AuditRead = Scope.Parse("audit:read");

    public static IReadOnlyList<Scope> All { get; } = [ApiKeysManage, ApiKeysValidate, AgentsManage, UsageRead, AuditRead];

    public static bool Includes(string name) => All.Any(own => own.Value == name);

    /// <summary>Those of KeyPortal's own scopes that <paramref name="scope"/> would grant: several for a wildcard, none for a customer's scope.</summary>
    public static IEnumerable<Scope> GrantedBy(Scope scope) => All.Where(scope.Covers);
}
