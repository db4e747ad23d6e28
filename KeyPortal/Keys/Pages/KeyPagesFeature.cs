using KeyPortal.Keys.Pages.Bulk;
using KeyPortal.Keys.Pages.Policies;

namespace KeyPortal.Keys.Pages;

public static class KeyPagesFeature
{
    public static void AddKeyPages(this IHostApplicationBuilder builder) => builder.Services.AddScoped<KeyDialogs>().AddScoped<BulkDialogs>().AddScoped<ScopeDialogs>().AddScoped<TierDialogs>();
}
