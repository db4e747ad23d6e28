namespace KeyPortal.Api;

/// <summary>Every route of the API.</summary>
internal static class ApiRoutes
{
    public const string Keys = "/api/v1/api-keys";

    /// <summary>The same group under the name integrations of the first hour use.</summary>
    public const string KeysAlias = "/api_keys";

    public static void MapApiRoutes(this WebApplication app)
    {
        MapKeys(app.MapGroup(Keys), app.Services);
        MapKeys(app.MapGroup(KeysAlias), app.Services);
        app.MapGet("/api/v1/auth/key", app.Services.GetRequiredService<AuthKeyEndpoint>().HandleAsync).WithMetadata(ApiOperation.WhoAmI);
    }

    private static void MapKeys(RouteGroupBuilder group, IServiceProvider services)
    {
        var validate = services.GetRequiredService<ValidateEndpoint>();
        group.MapPost("/validate", validate.HandleAsync).WithMetadata(ApiOperation.Validate);
        // Else "validate" would be taken for a key's id, and a GET of it answered with 404.
        group.MapMethods("/validate", ["GET", "HEAD", "PUT", "PATCH", "DELETE"], PostOnlyAsync);

        var keys = services.GetRequiredService<KeyEndpoints>();
        group.MapPost("", keys.CreateAsync).WithMetadata(ApiOperation.Create);
        group.MapGet("", keys.ListAsync).WithMetadata(ApiOperation.List);
        group.MapGet("/{id}", keys.GetAsync).WithMetadata(ApiOperation.Get);
        group.MapPut("/{id}", keys.ReplaceAsync).WithMetadata(ApiOperation.Replace);
        group.MapPatch("/{id}", keys.ChangeAsync).WithMetadata(ApiOperation.Change);

        var states = services.GetRequiredService<KeyStateEndpoints>();
        group.MapDelete("/{id}", states.RevokeAsync).WithMetadata(ApiOperation.Delete);
        group.MapPost("/{id}/revoke", states.RevokeAsync).WithMetadata(ApiOperation.Revoke);
        group.MapPost("/{id}/disable", states.DisableAsync).WithMetadata(ApiOperation.Disable);
        group.MapPost("/{id}/enable", states.EnableAsync).WithMetadata(ApiOperation.Enable);
    }

    private static Task PostOnlyAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.Headers.Allow = HttpMethods.Post;
        return Task.CompletedTask;
    }
}
