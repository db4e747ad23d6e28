namespace KeyPortal.Organizations.Pages;

public static class MemberPagesFeature
{
    public static void AddMemberPages(this IHostApplicationBuilder builder) => builder.Services.AddScoped<MemberDialogs>();
}
