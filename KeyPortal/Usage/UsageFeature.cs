namespace KeyPortal.Usage;

public static class UsageFeature
{
    public static void AddUsage(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<ValidationLatency>();
        services.AddSingleton<UsageRecorder>();
        services.AddSingleton<RollupWriter>();
        services.AddSingleton<LastUses>();
        services.AddHostedService<UsageWriting>();
        services.AddSingleton<UsageReading>();
        services.AddSingleton<UsageQueries>();
        services.AddSingleton<DemandQueries>();
        services.AddSingleton<ViolationQueries>();
        services.AddSingleton<AddressQueries>();
    }
}
