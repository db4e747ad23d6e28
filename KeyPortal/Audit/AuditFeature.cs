namespace KeyPortal.Audit;

public static class AuditFeature
{
    public static void AddAudit(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PermissionGate>();
        builder.Services.AddSingleton<AuditReader>();
    }
}
