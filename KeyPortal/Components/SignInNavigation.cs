using KeyPortal.Access;
using Microsoft.AspNetCore.Components;

namespace KeyPortal.Components;

public static class SignInNavigation
{
    /// <summary>Sends the browser to the sign-in page, and from there back to where it is now.</summary>
    public static void ToSignIn(this NavigationManager navigation) =>
        navigation.NavigateTo($"{AccessFeature.SignInPath}?return={Uri.EscapeDataString("/" + navigation.ToBaseRelativePath(navigation.Uri))}", forceLoad: true);
}
