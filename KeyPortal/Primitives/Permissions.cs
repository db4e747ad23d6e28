using System.Collections.Frozen;

namespace KeyPortal.Primitives;

/// <summary>Everything a person or a key can ask KeyPortal to do.</summary>
public enum Act
{
    ReadKeys,
    CreateKeys,

    /// <summary>Take over keys from another system, past the bound on keys a member.</summary>
    ImportKeys,
    ChangeKeys,

    /// <summary>Approve or decline a key that waits for a second person.</summary>
    ApproveKeys,

    /// <summary>Change the policy that keys stand under, and the catalogue of scopes they may hold.</summary>
    ChangePolicy,
    ValidateKeys,
    ReadUsage,
    ReadAuditLog,

    /// <summary>See who else is a member, and who is invited.</summary>
    ReadMembers,

    /// <summary>Invite, change the role of, disable and remove members other than owners.</summary>
    ManageMembers,

    /// <summary>Make somebody an owner, or change, disable or remove one.</summary>
    ManageOwners,

    /// <summary>Rename the organization, and demand a second factor of everybody in it.</summary>
    ManageOrganization,

    /// <summary>Begin an organization of one's own.</summary>
    FoundOrganization,

    /// <summary>One's own password, second factors and sessions.</summary>
    ChangeOwnAccount,
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
    /// <summary>No scope: a key can never do it.</summary>
    private const Scope? ForPeople = null;

    private static readonly FrozenDictionary<Act, Row> Table = new Dictionary<Act, Row>
    {
        //                                  scope a key needs         owner      admin      developer   auditor
        [Act.ReadKeys] = new(OwnScopes.ApiKeysManage, Reach.All, Reach.All, Reach.Own, Reach.All),
        [Act.CreateKeys] = new(OwnScopes.ApiKeysManage, Reach.All, Reach.All, Reach.Own, Reach.None),
        [Act.ImportKeys] = new(OwnScopes.ApiKeysManage, Reach.All, Reach.All, Reach.None, Reach.None),
        [Act.ChangeKeys] = new(OwnScopes.ApiKeysManage, Reach.All, Reach.All, Reach.Own, Reach.None),
        [Act.ApproveKeys] = new(OwnScopes.ApiKeysManage, Reach.All, Reach.All, Reach.None, Reach.None),
        [Act.ChangePolicy] = new(OwnScopes.ApiKeysManage, Reach.All, Reach.All, Reach.None, Reach.None),
        [Act.ValidateKeys] = new(OwnScopes.ApiKeysValidate, Reach.All, Reach.All, Reach.All, Reach.None),
        [Act.ReadUsage] = new(OwnScopes.UsageRead, Reach.All, Reach.All, Reach.Own, Reach.All),
        [Act.ReadAuditLog] = new(OwnScopes.AuditRead, Reach.All, Reach.All, Reach.None, Reach.All),
        [Act.ReadMembers] = new(ForPeople, Reach.All, Reach.All, Reach.Own, Reach.All),
        [Act.ManageMembers] = new(ForPeople, Reach.All, Reach.All, Reach.None, Reach.None),
        [Act.ManageOwners] = new(ForPeople, Reach.All, Reach.None, Reach.None, Reach.None),
        [Act.ManageOrganization] = new(ForPeople, Reach.All, Reach.None, Reach.None, Reach.None),
        [Act.FoundOrganization] = new(ForPeople, Reach.Own, Reach.Own, Reach.Own, Reach.Own),
        [Act.ChangeOwnAccount] = new(ForPeople, Reach.Own, Reach.Own, Reach.Own, Reach.Own),
    }.ToFrozenDictionary();

    public static Reach Of(Role role, Act act) => Table[act].Of(role);

    /// <summary>The scope a key needs for the act; null where only a person can do it.</summary>
    public static Scope? ScopeFor(Act act) => Table[act].Scope;

    /// <summary>May this role hand out a key that holds this one of KeyPortal's own scopes? Only when some act behind the scope is open to the role.</summary>
    public static bool MayGrant(Role role, Scope ownScope) =>
        role is Role.Owner or Role.Admin
        || (role is Role.Developer && Table.Values.Any(row => row.Scope == ownScope && row.Of(role) != Reach.None));

    private sealed record Row(Scope? Scope, Reach Owner, Reach Admin, Reach Developer, Reach Auditor)
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
