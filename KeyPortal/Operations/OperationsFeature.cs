namespace KeyPortal.Operations;

public static class OperationsFeature
{
    public static void AddOperations(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Backup>();
        builder.Services.AddSingleton<RestoreFinish>();
        builder.Services.AddSingleton<Readiness>();
    }
}
