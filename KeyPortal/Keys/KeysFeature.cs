using KeyPortal.Keys.Bulk;
using KeyPortal.Keys.Imports;
using KeyPortal.Keys.Leaks;
using KeyPortal.Keys.Policies;
using KeyPortal.Keys.Reminders;
using KeyPortal.Primitives;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Options;
using Microsoft.FeatureManagement;

namespace KeyPortal.Keys;

public static class KeysFeature
{
    public static void AddKeys(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<KeySettings>().BindConfiguration(KeySettings.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<KeySettings>, ValidateKeySettings>();
        services.AddOptions<ImportSettings>().BindConfiguration(ImportSettings.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ImportSettings>, ValidateImportSettings>();
        services.AddSingleton(s => new Argon2id(s.GetRequiredService<IConfiguration>()[$"{KeySettings.Section}:{nameof(KeySettings.SodiumLibrary)}"]));
        services.AddSingleton<PepperFiles>();
        services.AddSingleton<Peppers>();
        services.AddSingleton(s => s.GetRequiredService<Peppers>().Current);
        services.AddSingleton<PepperChange>();
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = [KeyManagement.Default] });
        services.AddFeatureManagement();
        services.AddSingleton<KeyManagement>();
        services.AddSingleton<VerifierHashing>();
        services.AddSingleton<FastHashes>();
        services.AddSingleton<ImportedSecrets>();
        services.AddHostedService(s => s.GetRequiredService<ImportedSecrets>());
        services.AddSingleton<SecretFinder>();
        services.AddSingleton<KeyReader>();
        services.AddSingleton<KeyCache>();
        services.AddSingleton<KeyChange>();
        services.AddSingleton<KeyIssuance>();
        services.AddSingleton<KeyImport>();
        services.AddSingleton<KeyEditing>();
        services.AddSingleton<KeyRevocation>();
        services.AddSingleton<KeyRotation>();
        services.AddSingleton<SecretUses>();
        services.AddHostedService(s => s.GetRequiredService<SecretUses>());
        services.AddSingleton<KeySuspension>();
        services.AddSingleton<LeakMail>();
        services.AddSingleton<LeakReports>();
        services.AddSingleton<KeyBulk>();
        services.AddSingleton<BulkRotation>();
        services.AddSingleton<KeyQueries>();
        services.AddSingleton<SecretQueries>();
        services.AddSingleton<RotationQueries>();
        services.AddSingleton<ScopeCatalogue>();
        services.AddSingleton<RuleChange>();
        services.AddSingleton<PolicyEditing>();
        services.AddSingleton<CatalogueEditing>();
        services.AddSingleton<ScopeHolders>();
        services.AddSingleton<TierEditing>();
        services.AddSingleton<TierHolders>();
        services.AddSingleton<ApprovalMails>();
        services.AddSingleton<ApprovalRequests>();
        services.AddSingleton<KeyApproval>();
        services.AddSingleton<ReminderMail>();
        services.AddSingleton<KeyReminders>();
        services.AddHostedService<Reminding>();
    }
}
