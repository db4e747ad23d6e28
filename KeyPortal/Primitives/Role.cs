namespace KeyPortal.Primitives;

/// <summary>What a member may do in one organization; <see cref="Permissions"/> has the table.</summary>
public enum Role
{
    Owner,
    Admin,
    Developer,
    Auditor,
}
