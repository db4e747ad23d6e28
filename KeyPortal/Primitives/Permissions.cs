using System.Collections.Frozen;

namespace KeyPortal.Primitives;

/// <summary>Everything a person or a key can ask KeyPortal to do.</summary>
public enum Act
{
    ReadKeys,
    CreateKeys,
    ChangeKeys,
    ValidateKeys,
    ReadUsage,
    ReadAuditLog,
}

/// <summary>How far a permission goes: not at all, to what the actor owns, or to the whole organization.</summary>
public enum Reach
{
    None,
    Own,
    All,
}

/// <summary>
/// The role × act table. A key acts with its scopes ∩ what its owner's role allows at the time of the call, so each act also names the scope it needs.
/// </summary>
public static class Permissions
{
    private static readonly FrozenDictionary<Act, Row> Table = new Dictionary<Act, Row>
    {
        //                                  scope a key needs         owner      admin      developer   auditor
        [Act.ReadKeys] = new(OwnScopes.ApiKeysManage, Reach.All, Reach.All, Reach.Own, Reach.All),
        [Act.CreateKeys] = new(OwnScopes.ApiKeysManage, Reach.All, Reach.All, Reach.Own, Reach.None),
        [Act.ChangeKeys] = new(OwnScopes.ApiKeysManage, Reach.All, Reach.All, Reach.Own, Reach.None),
        [Act.ValidateKeys] = new(OwnScopes.ApiKeysValidate, Reach.All, Reach.All, Reach.All, Reach.None),
        [Act.ReadUsage] = new(OwnScopes.UsageRead, Reach.All, Reach.All, Reach.Own, Reach.All),
        [Act.ReadAuditLog] = new(OwnScopes.AuditRead, Reach.All, Reach.All, Reach.None, Reach.All),
    }.ToFrozenDictionary();

    public static Reach Of(Role role, Act act) => Table[act].Of(role);

    public static Scope ScopeFor(Act act) => Table[act].Scope;

    /// <summary>May this role hand out a key that holds this one of KeyPortal's own scopes? Only when some act behind the scope is open to the role.</summary>
    public static bool MayGrant(Role role, Scope ownScope) =>
        role is Role.Owner or Role.Admin
        || (role is Role.Developer && Table.Values.Any(row => row.Scope == ownScope && row.Of(role) != Reach.None));

    private sealed record Row(Scope Scope, Reach Owner, Reach Admin, Reach Developer, Reach Auditor)
    {
        public Reach Of(Role role) => role switch
        {
            Role.Owner => Owner,
            Role.Admin => Admin,
            Role.Developer => Developer,
            _ => Auditor,
        };
    }
}
