using KeyPortal.Primitives;

namespace KeyPortal.Organizations;

/// <summary>Roles in sentences.</summary>
public static class RoleWords
{
    /// <summary><c>an owner</c>, <c>a developer</c>.</summary>
    public static string WithArticle(Role role) => (role == Role.Developer ? "a " : "an ") + SnakeCase.Of(role);

    /// <summary>What somebody of this role can do, for whoever chooses one.</summary>
    public static string Meaning(Role role) => role switch
    {
        Role.Owner => "Everything, the organization's settings and other owners included.",
        Role.Admin => "All keys, and all members but owners.",
        Role.Developer => "Keys of their own, and nobody else's.",
        _ => "Sees everything, the audit log included, and changes nothing.",
    };
}
