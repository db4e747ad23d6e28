namespace KeyPortal.Organizations;

/// <summary>A commit changes what this account may do in this organization, or whether it may do anything there.</summary>
public sealed record MembershipChanged(string OrganizationId, string UserId);
