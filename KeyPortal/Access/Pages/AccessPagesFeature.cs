namespace KeyPortal.Access.Pages;

public static class AccessPagesFeature
{
    public static void AddAccessPages(this IHostApplicationBuilder builder) => builder.Services.AddScoped<DoorVisitor>();
}
