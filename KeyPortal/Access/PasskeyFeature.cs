using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace KeyPortal.Access;

internal static class PasskeyFeature
{
    public static void AddPasskeys(this IServiceCollection services)
    {
        services.AddSingleton<IConfigureOptions<IdentityPasskeyOptions>, PasskeyRules>();
        services.AddScoped<IPasskeyHandler<IdentityUser>, PasskeyHandler<IdentityUser>>();
        services.AddSingleton<PasskeyStates>();
        services.AddSingleton<PasskeyChecks>();
        services.AddSingleton<PasskeySignIn>();
        services.AddSingleton<PasskeyEnrolment>();
        services.AddSingleton<Passkeys>();
    }
}
