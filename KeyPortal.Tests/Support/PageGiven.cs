using Bunit;
using KeyPortal.Access;
using KeyPortal.Audit;
using KeyPortal.Components;
using KeyPortal.Keys;
using KeyPortal.Keys.Bulk;
using KeyPortal.Keys.Policies;
using KeyPortal.Offboarding;
using KeyPortal.Organizations;
using KeyPortal.Primitives;
using KeyPortal.Usage;
using KeyPortal.Validation;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Radzen;

namespace KeyPortal.Tests.Support;

public static class PageGiven
{
    private static readonly Type[] Commands =
    [
        typeof(Sessions), typeof(Membership), typeof(SecondFactorList), typeof(ScopeCatalogue), typeof(TierEditing), typeof(KeyQueries), typeof(UsageQueries), typeof(ChangePreview), typeof(LimitReading), typeof(LimitPreview), typeof(ViolationQueries), typeof(AuditReader),
        typeof(KeyRevocation), typeof(KeySuspension), typeof(KeyEditing), typeof(KeyApproval), typeof(CatalogueEditing), typeof(KeyBulk), typeof(BulkRotation), typeof(BreakGlass),
    ];

    /// <summary>A page of the portal before <paramref name="person"/>, with the portal's own commands behind it.</summary>
    public static async Task<BunitContext> PageOfAsync(this Portal portal, Actor person)
    {
        var page = new BunitContext();
        page.JSInterop.Mode = JSRuntimeMode.Loose;
        page.Services.AddSingleton<TimeProvider>(portal.Clock).AddSingleton<AuthenticationStateProvider>(await SignedIn.AsAsync(portal, person));
        page.Services.AddScoped<CurrentMember>().AddScoped<PageActs>().AddScoped<ViewerTime>().AddScoped<DialogService>().AddScoped<NotificationService>();
        foreach (var command in Commands)
        {
            page.Services.AddSingleton(command, portal.Services.GetRequiredService(command));
        }

        return page;
    }

    /// <summary>The sentences that the page has announced.</summary>
    public static IReadOnlyList<string> Announced(this BunitContext page) => [.. page.Services.GetRequiredService<NotificationService>().Messages.Select(m => m.Summary)];

    /// <summary>Where the times of a page come from.</summary>
    public static ViewerTime Viewer(this BunitContext page) => page.Services.GetRequiredService<ViewerTime>();
}
