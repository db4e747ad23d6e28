namespace KeyPortal.Offboarding;

public static class OffboardingFeature
{
    public static void AddOffboarding(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<MemberRemoval>();
        builder.Services.AddSingleton<DepartureQueries>();
        builder.Services.AddSingleton<BreakGlass>();
    }
}
