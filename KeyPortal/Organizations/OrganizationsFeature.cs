namespace KeyPortal.Organizations;

public static class OrganizationsFeature
{
    public static void AddOrganizations(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<PolicySettings>().BindConfiguration(PolicySettings.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<Membership>();
    }
}
