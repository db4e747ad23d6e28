using Microsoft.Extensions.Options;

namespace KeyPortal.Mail;

public static class MailFeature
{
    public static void AddMail(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<MailSettings>().BindConfiguration(MailSettings.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<MailSettings>, ValidateMailSettings>();
        services.AddSingleton<MailDelivery>();
        services.AddSingleton<Outbox>();
        services.AddSingleton<MailQueue>();
        services.AddSingleton<MailSending>();
        services.AddHostedService(s => s.GetRequiredService<MailSending>());
    }
}
