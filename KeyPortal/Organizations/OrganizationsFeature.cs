using KeyPortal.Primitives;

namespace KeyPortal.Organizations;

public static class OrganizationsFeature
{
    public static void AddOrganizations(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<PolicySettings>().BindConfiguration(PolicySettings.Section).ValidateDataAnnotations()
            .Validate(policy => Array.TrueForAll(policy.ApprovalScopes, scope => Scope.TryParse(scope, out _)), "KeyPortal:Policy:ApprovalScopes must hold scopes such as triggers:write or triggers:*.").ValidateOnStart();
        builder.Services.AddSingleton<Membership>();
    }
}
