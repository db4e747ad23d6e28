using KeyPortal.Primitives;

namespace KeyPortal.Api;

public static class ApiFeature
{
    public static void AddApi(this IHostApplicationBuilder builder) => builder.Services.AddSingleton<ValidateEndpoint>();

    /// <summary>
    /// Gives every request its id and turns outages into 503. The API has its own short pipeline: no cookies, no antiforgery, no pages, so that
    /// nothing a browser sends by itself counts as a credential.
    /// </summary>
    public static void UseApi(this WebApplication app)
    {
        var clock = app.Services.GetRequiredService<TimeProvider>();
        app.Use(async (context, next) =>
        {
            RequestIdentity.Begin(context, clock.GetUtcNow());
            try
            {
                await next(context);
            }
            catch (StorageUnavailableException e) when (!context.Response.HasStarted)
            {
                await ProblemAnswer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "storage_unavailable", e.Message);
            }
        });
    }

    public static void MapApi(this WebApplication app)
    {
        var keys = app.MapGroup("/api/v1/api-keys");
        keys.MapPost("/validate", app.Services.GetRequiredService<ValidateEndpoint>().HandleAsync);
    }
}
