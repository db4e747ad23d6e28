namespace KeyPortal.Setup;

public static class SetupFeature
{
    public static void AddSetup(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Founding>();
        builder.Services.AddSingleton<FirstRun>();
        builder.Services.AddSingleton<SetupCode>();
        builder.Services.AddSingleton<Demonstration>();
        builder.Services.AddSingleton<Bootstrap>();
    }
}
