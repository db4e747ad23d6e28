namespace KeyPortal.Validation;

public static class ValidationFeature
{
    public static void AddValidation(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<KeyValidator>();
        builder.Services.AddSingleton<CallerAuthentication>();
        builder.Services.AddSingleton<ChangePreview>();
        builder.Services.AddSingleton<LimitReading>();
        builder.Services.AddSingleton<LimitPreview>();
        builder.Services.AddSingleton<SecretWatch>();
        builder.Services.AddHostedService(s => s.GetRequiredService<SecretWatch>());
    }
}
