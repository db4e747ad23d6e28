using KeyPortal.Api.BulkCalls;
using KeyPortal.Api.Description;
using KeyPortal.Api.HistoryCalls;
using KeyPortal.Api.KeyCalls;
using KeyPortal.Api.LeakCalls;
using KeyPortal.Api.PolicyCalls;
using KeyPortal.Api.SignInCalls;
using KeyPortal.Api.ValidationCalls;
using KeyPortal.Primitives;
using Microsoft.Extensions.Options;

namespace KeyPortal.Api;

public static class ApiFeature
{
    public static void AddApi(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<ApiDoor>();
        services.AddOptions<ApiSettings>().BindConfiguration(ApiSettings.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ManagementLimit>();
        services.AddHostedService(s => s.GetRequiredService<ManagementLimit>());
        services.AddSingleton<CredentialTransport>();
        services.AddSingleton<ApiCallers>();
        services.AddSingleton<IdempotentCalls>();
        services.AddSingleton<ValidateEndpoint>();
        services.AddSingleton<BatchEndpoint>();
        services.AddSingleton<IntrospectEndpoint>();
        services.AddSingleton<ForwardAuthEndpoint>();
        services.AddOptions<ScanningSettings>().BindConfiguration(ScanningSettings.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ScanningSettings>, ValidateScanningSettings>();
        services.AddSingleton<ScanningKeys>();
        services.AddSingleton<ScanningEndpoint>();
        services.AddSingleton<LeakedEndpoint>();
        services.AddSingleton<HistoryEndpoints>();
        services.AddSingleton<KeyEndpoints>();
        services.AddSingleton<BulkEndpoint>();
        services.AddSingleton<KeyStateEndpoints>();
        services.AddSingleton<ImportEndpoint>();
        services.AddSingleton<PolicyEndpoints>();
        services.AddSingleton<AuthKeyEndpoint>();
        services.AddSingleton<SignInEndpoints>();
        services.AddSingleton<JwksEndpoint>();
        services.AddApiDescription();
    }

    /// <summary>Stands first in the pipeline: every request gets its id here, and the API's requests go no further.</summary>
    public static void UseApi(this WebApplication app)
    {
        var door = app.Services.GetRequiredService<ApiDoor>();
        app.Use(next => context => door.HandleAsync(context, next));
        app.UseDocs();
    }

    public static void MapApi(this WebApplication app)
    {
        app.MapApiRoutes();
        app.MapHealth();
        app.MapOpenApi("/openapi/{documentName}.json").WithMetadata(new NeedsNothingAttribute("the description of the API is the same for everybody"));
    }
}
