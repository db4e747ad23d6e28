namespace KeyPortal.Access;

internal static class PasswordFeature
{
    /// <summary>What changes passwords; checking one is <see cref="SignIn"/>'s.</summary>
    public static void AddPasswordChanges(this IServiceCollection services)
    {
        services.AddSingleton<Accounts>();
        services.AddSingleton<PasswordMails>();
        services.AddSingleton<PasswordSetting>();
        services.AddSingleton<PasswordRecovery>();
        services.AddSingleton<PasswordChange>();
        services.AddSingleton<PasswordOverride>();
    }
}
