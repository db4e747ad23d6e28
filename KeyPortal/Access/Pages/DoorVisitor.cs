using KeyPortal.Primitives;
using Microsoft.AspNetCore.Components;

namespace KeyPortal.Access.Pages;

/// <summary>
/// The person before one of the static pages about their own account, and the way out of it where they must show more first. Only an HTTP answer can give
/// a new cookie, so what ends with one is no live page.
/// </summary>
public sealed class DoorVisitor(CurrentMember current, NavigationManager navigation)
{
    public const string ConfirmPath = "/confirm";

    /// <summary>The person; null when there is none any more, and the browser is on its way to the sign-in page.</summary>
    public async Task<Actor?> FindAsync()
    {
        try
        {
            return await current.RequireAsync();
        }
        catch (SignedOutException)
        {
            navigation.NavigateTo($"{AccessFeature.SignInPath}?return={Uri.EscapeDataString(Here)}", forceLoad: true);
            return null;
        }
    }

    /// <summary>To the page that makes the session fresh and back, where that is what a command wanted; else only the status that fits the refusal.</summary>
    public void Send(Refusal refusal, HttpContext context)
    {
        if (refusal.Code == FactorChanges.NotFresh.Code)
        {
            navigation.NavigateTo(ConfirmAddress(Here), forceLoad: true);
            return;
        }

        context.Response.StatusCode = refusal.Kind switch
        {
            RefusalKind.TooMany => StatusCodes.Status429TooManyRequests,
            RefusalKind.Unauthenticated => StatusCodes.Status401Unauthorized,
            RefusalKind.NotAllowed => StatusCodes.Status403Forbidden,
            RefusalKind.Conflict => StatusCodes.Status409Conflict,
            _ => StatusCodes.Status422UnprocessableEntity,
        };
    }

    public static string ConfirmAddress(string back) => $"{ConfirmPath}?return={Uri.EscapeDataString(back)}";

    private string Here => "/" + navigation.ToBaseRelativePath(navigation.Uri);
}
