using Radzen;

namespace KeyPortal.Components;

public static class ComponentsFeature
{
    public static void AddComponents(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddRazorComponents().AddInteractiveServerComponents();
        // One by one: AddRadzenComponents also registers a chat client, whose package is pruned (Directory.Build.props).
        services.AddScoped<DialogService>();
        services.AddScoped<NotificationService>();
        services.AddScoped<TooltipService>();
        services.AddScoped<ContextMenuService>();
        services.AddScoped<ThemeService>();
        services.AddScoped<PageActs>();
        services.AddScoped<ViewerTime>();
    }

    /// <summary>Gives a page's 404 a face; the API answers its own.</summary>
    public static void UseComponents(this WebApplication app) => app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);

    public static void MapComponents(this WebApplication app)
    {
        app.MapStaticAssets();
        // Its own frame-ancestors policy would stand beside the stricter one of Access/PageDefences.
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null);
    }
}
