namespace KeyPortal.Access.Members;

public static class MembersFeature
{
    public static void AddMembers(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<MemberChange>();
        services.AddSingleton<MemberRoles>();
        services.AddSingleton<MemberSuspension>();
        services.AddSingleton<MemberNaming>();
        services.AddSingleton<MemberQueries>();
        services.AddSingleton<OpenInvitations>();
        services.AddSingleton<InvitationAcceptance>();
        services.AddSingleton<OrganizationChange>();
        services.AddSingleton<Microsoft.AspNetCore.Identity.ILookupNormalizer, Microsoft.AspNetCore.Identity.UpperInvariantLookupNormalizer>();
        services.AddOptions<InvitationSettings>().BindConfiguration(InvitationSettings.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<InvitationBudget>();
        services.AddSingleton<InvitationMail>();
        services.AddSingleton<MemberInvitations>();
    }
}
