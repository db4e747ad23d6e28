namespace KeyPortal.Limits;

public static class LimitsFeature
{
    public static void AddLimits(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<LimitCounters>();
        services.AddSingleton<QuotaUses>();
        services.AddSingleton<LimitWarnings>();
        services.AddSingleton<LimitViolations>();
        services.AddSingleton<KeyLimiter>();
        services.AddHostedService<LimitWriting>();
    }
}
