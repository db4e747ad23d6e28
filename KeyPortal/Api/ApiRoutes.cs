using KeyPortal.Primitives;

namespace KeyPortal.Api;

/// <summary>Every route of the API.</summary>
internal static class ApiRoutes
{
    public const string Keys = "/api/v1/api-keys";

    /// <summary>The same group under the name integrations of the first hour use.</summary>
    public const string KeysAlias = "/api_keys";

    private static readonly string[] Read = ["GET", "HEAD"];
    private static readonly NeedsNothingAttribute PostOnly = new("says 405 and nothing else");

    public static void MapApiRoutes(this WebApplication app)
    {
        MapKeys(app.MapGroup(Keys), app.Services);
        MapKeys(app.MapGroup(KeysAlias), app.Services);
        MapSignIn(app.MapGroup("/api/v1/auth"), app.Services.GetRequiredService<SignInEndpoints>());
        app.MapMethods(JwksEndpoint.Path, Read, app.Services.GetRequiredService<JwksEndpoint>().HandleAsync).WithMetadata(ApiOperation.Jwks);
        app.MapMethods("/api/v1/auth/key", Read, app.Services.GetRequiredService<AuthKeyEndpoint>().HandleAsync).WithMetadata(ApiOperation.WhoAmI);
    }

    private static void MapSignIn(RouteGroupBuilder group, SignInEndpoints endpoints)
    {
        MapPostOnly(group, "/login", endpoints.LoginAsync, ApiOperation.Login);
        MapPostOnly(group, "/2fa", endpoints.ShowSecondFactorAsync, ApiOperation.ShowSecondFactor);
        MapPostOnly(group, "/refresh", endpoints.RefreshAsync, ApiOperation.Refresh);
        MapPostOnly(group, "/logout", endpoints.LogoutAsync, ApiOperation.Logout);
    }

    private static void MapKeys(RouteGroupBuilder group, IServiceProvider services)
    {
        var validate = services.GetRequiredService<ValidateEndpoint>();
        MapPostOnly(group, "/validate", validate.HandleAsync, ApiOperation.Validate);

        var keys = services.GetRequiredService<KeyEndpoints>();
        group.MapPost("", keys.CreateAsync).WithMetadata(ApiOperation.Create);
        group.MapMethods("", Read, keys.ListAsync).WithMetadata(ApiOperation.List);
        group.MapMethods("/{id}", Read, keys.GetAsync).WithMetadata(ApiOperation.Get);
        group.MapPut("/{id}", keys.ReplaceAsync).WithMetadata(ApiOperation.Replace);
        group.MapPatch("/{id}", keys.ChangeAsync).WithMetadata(ApiOperation.Change);

        var states = services.GetRequiredService<KeyStateEndpoints>();
        group.MapDelete("/{id}", states.RevokeAsync).WithMetadata(ApiOperation.Delete);
        MapPostOnly(group, "/{id}/rotate", states.RotateAsync, ApiOperation.Rotate);
        MapPostOnly(group, "/{id}/revoke", states.RevokeAsync, ApiOperation.Revoke);
        MapPostOnly(group, "/{id}/disable", states.DisableAsync, ApiOperation.Disable);
        MapPostOnly(group, "/{id}/enable", states.EnableAsync, ApiOperation.Enable);
    }

    /// <summary>
    /// Maps a POST, and the other methods to a 405 of their own: else a GET would match a route of pages or files, or take "validate" for a key's id,
    /// and be answered with 404.
    /// </summary>
    private static void MapPostOnly(RouteGroupBuilder group, string pattern, RequestDelegate handler, ApiOperation operation)
    {
        group.MapPost(pattern, handler).WithMetadata(operation);
        group.MapMethods(pattern, ["GET", "HEAD", "PUT", "PATCH", "DELETE"], PostOnlyAsync).ExcludeFromDescription().WithMetadata(PostOnly);
    }

    private static Task PostOnlyAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.Headers.Allow = HttpMethods.Post;
        return Task.CompletedTask;
    }
}
