namespace KeyPortal.Overview.Pages;

public static class OverviewFeature
{
    public static void AddOverview(this IHostApplicationBuilder builder) => builder.Services.AddSingleton<OverviewReader>();
}
