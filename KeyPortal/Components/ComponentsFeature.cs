using Radzen;

namespace KeyPortal.Components;

public static class ComponentsFeature
{
    public static void AddComponents(this IHostApplicationBuilder builder)
    {
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        // One by one: AddRadzenComponents also registers a chat client, whose package is pruned (Directory.Build.props).
        builder.Services.AddScoped<DialogService>();
        builder.Services.AddScoped<NotificationService>();
        builder.Services.AddScoped<TooltipService>();
        builder.Services.AddScoped<ContextMenuService>();
        builder.Services.AddScoped<ThemeService>();
    }

    public static void MapComponents(this WebApplication app)
    {
        app.MapStaticAssets();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
    }
}
