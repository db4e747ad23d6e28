using KeyPortal.Api.BulkCalls;
using KeyPortal.Api.Description;
using KeyPortal.Api.HistoryCalls;
using KeyPortal.Api.KeyCalls;
using KeyPortal.Api.LeakCalls;
using KeyPortal.Api.PolicyCalls;
using KeyPortal.Api.SignInCalls;
using KeyPortal.Api.ValidationCalls;
using KeyPortal.Primitives;

namespace KeyPortal.Api;

/// <summary>Every route of the API.</summary>
internal static class ApiRoutes
{
    public const string Keys = "/api/v1/api-keys";

    /// <summary>The same group under the name integrations of the first hour use.</summary>
    public const string KeysAlias = "/api_keys";

    /// <summary>The OpenAPI document.</summary>
    public const string Description = "/openapi/v1.json";

    private static readonly string[] Read = ["GET", "HEAD"];
    private static readonly NeedsNothingAttribute PostOnly = new("says 405 and nothing else");

    public static void MapApiRoutes(this WebApplication app)
    {
        MapKeys(app.MapGroup(Keys), app.Services);
        MapKeys(app.MapGroup(KeysAlias), app.Services);
        MapPolicy(app.MapGroup("/api/v1"), app.Services.GetRequiredService<PolicyEndpoints>());
        MapSignIn(app.MapGroup("/api/v1/auth"), app.Services.GetRequiredService<SignInEndpoints>());
        app.MapMethods(JwksEndpoint.Path, Read, app.Services.GetRequiredService<JwksEndpoint>().HandleAsync).WithMetadata(SignInOperations.Jwks);
        MapPostOnly(app.MapGroup("/api/v1"), "/introspect", app.Services.GetRequiredService<IntrospectEndpoint>().HandleAsync, ValidationOperations.Introspect);
        MapPostOnly(app.MapGroup("/api/v1"), "/revoke-leaked", app.Services.GetRequiredService<LeakedEndpoint>().HandleAsync, LeakOperations.Report);
        MapPostOnly(app.MapGroup("/api/v1"), "/secret-scanning/alerts", app.Services.GetRequiredService<ScanningEndpoint>().HandleAsync, LeakOperations.Scanning);
        app.MapMethods("/api/v1/forward-auth", Read, app.Services.GetRequiredService<ForwardAuthEndpoint>().HandleAsync).WithMetadata(ValidationOperations.ForwardAuth);
        app.MapMethods("/api/v1/auth/key", Read, app.Services.GetRequiredService<AuthKeyEndpoint>().HandleAsync).WithMetadata(ValidationOperations.WhoAmI);
    }

    private static void MapSignIn(RouteGroupBuilder group, SignInEndpoints endpoints)
    {
        MapPostOnly(group, "/login", endpoints.LoginAsync, SignInOperations.Login);
        MapPostOnly(group, "/2fa", endpoints.ShowSecondFactorAsync, SignInOperations.ShowSecondFactor);
        MapPostOnly(group, "/refresh", endpoints.RefreshAsync, SignInOperations.Refresh);
        MapPostOnly(group, "/logout", endpoints.LogoutAsync, SignInOperations.Logout);
    }

    private static void MapPolicy(RouteGroupBuilder group, PolicyEndpoints endpoints)
    {
        group.MapMethods("/policy", Read, endpoints.GetPolicyAsync).WithMetadata(PolicyOperations.GetPolicy);
        group.MapPut("/policy", endpoints.PutPolicyAsync).WithMetadata(PolicyOperations.PutPolicy);
        group.MapMethods("/scopes", Read, endpoints.GetCatalogueAsync).WithMetadata(PolicyOperations.GetScopes);
        group.MapPut("/scopes", endpoints.PutCatalogueAsync).WithMetadata(PolicyOperations.PutScopes);
        group.MapMethods("/tiers", Read, endpoints.GetTiersAsync).WithMetadata(PolicyOperations.GetTiers);
        group.MapPut("/tiers", endpoints.PutTiersAsync).WithMetadata(PolicyOperations.PutTiers);
    }

    private static void MapKeys(RouteGroupBuilder group, IServiceProvider services)
    {
        var validate = services.GetRequiredService<ValidateEndpoint>();
        MapPostOnly(group, "/validate", validate.HandleAsync, ValidationOperations.Validate);
        MapPostOnly(group, "/validate/batch", services.GetRequiredService<BatchEndpoint>().HandleAsync, ValidationOperations.ValidateBatch);

        MapPostOnly(group, "/bulk", services.GetRequiredService<BulkEndpoint>().HandleAsync, BulkOperations.Act);
        MapPostOnly(group, "/import", services.GetRequiredService<ImportEndpoint>().HandleAsync, KeyOperations.Import);

        var keys = services.GetRequiredService<KeyEndpoints>();
        group.MapPost("", keys.CreateAsync).WithMetadata(KeyOperations.Create);
        group.MapMethods("", Read, keys.ListAsync).WithMetadata(KeyOperations.List);
        group.MapMethods("/{id}", Read, keys.GetAsync).WithMetadata(KeyOperations.Get);
        group.MapPut("/{id}", keys.ReplaceAsync).WithMetadata(KeyOperations.Replace);
        group.MapPatch("/{id}", keys.ChangeAsync).WithMetadata(KeyOperations.Change);

        var history = services.GetRequiredService<HistoryEndpoints>();
        group.MapMethods("/{id}/usage", Read, history.UsageAsync).WithMetadata(HistoryOperations.Usage);
        group.MapMethods("/{id}/audit-log", Read, history.AuditLogAsync).WithMetadata(HistoryOperations.AuditLog);

        var states = services.GetRequiredService<KeyStateEndpoints>();
        group.MapDelete("/{id}", states.RevokeAsync).WithMetadata(KeyOperations.Delete);
        MapPostOnly(group, "/{id}/rotate", states.RotateAsync, KeyOperations.Rotate);
        MapPostOnly(group, "/{id}/revoke", states.RevokeAsync, KeyOperations.Revoke);
        MapPostOnly(group, "/{id}/disable", states.DisableAsync, KeyOperations.Disable);
        MapPostOnly(group, "/{id}/enable", states.EnableAsync, KeyOperations.Enable);
        MapPostOnly(group, "/{id}/approve", states.ApproveAsync, PolicyOperations.Approve);
        MapPostOnly(group, "/{id}/decline", states.DeclineAsync, PolicyOperations.Decline);
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
