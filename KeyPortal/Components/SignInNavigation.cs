using KeyPortal.Access;
using Microsoft.AspNetCore.Components;

namespace KeyPortal.Components;

public static class SignInNavigation
{
    /// <summary>Sends the browser to the sign-in page, and from there back to where it is now.</summary>
    public static void ToSignIn(this NavigationManager navigation) =>
        navigation.NavigateTo(AccessFeature.SignInPath + ReturnHere(navigation), forceLoad: true);

    /// <summary>Asks the person to show again that it is still them, and leads back to where they are now.</summary>
    public static void ToConfirmation(this NavigationManager navigation) => navigation.NavigateTo("/confirm" + ReturnHere(navigation), forceLoad: true);

    private static string ReturnHere(NavigationManager navigation) => "?return=" + Uri.EscapeDataString("/" + navigation.ToBaseRelativePath(navigation.Uri));
}
