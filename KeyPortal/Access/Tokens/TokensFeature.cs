namespace KeyPortal.Access.Tokens;

public static class TokensFeature
{
    /// <summary>Sign-in for programs that act for a member: access and refresh tokens.</summary>
    public static void AddTokens(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<TokenSettings>().BindConfiguration(TokenSettings.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<RefreshTokens>();
        services.AddSingleton<MemberAuthentication>();
        services.AddHostedService<TokenUpkeep>();
    }
}
