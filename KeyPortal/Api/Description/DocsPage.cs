namespace KeyPortal.Api.Description;

/// <summary>
/// <c>/docs</c>: the description of the API for people, by Swagger UI out of the program itself; no foreign host is asked for anything. It has a policy of its own, for
/// its scripts come from files of this origin and not from our pages.
/// </summary>
internal static class DocsPage
{
    public const string Path = "/docs";

    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void UseDocs(this WebApplication app) => app.UseWhen(context => context.Request.Path.StartsWithSegments(Path, StringComparison.OrdinalIgnoreCase), docs =>
    {
        docs.Use((context, next) =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = Policy;
            headers["Referrer-Policy"] = "no-referrer";
            return next(context);
        });
        docs.UseSwaggerUI(options =>
        {
            options.RoutePrefix = Path.TrimStart('/');
            options.DocumentTitle = "KeyPortal API";
            options.SwaggerEndpoint(ApiRoutes.Description, "KeyPortal API");
            options.DefaultModelsExpandDepth(0);
            options.DisplayRequestDuration();
            options.EnableDeepLinking();
            // A key typed here is a key like any other: it is forgotten with the page.
            options.ConfigObject.PersistAuthorization = false;
            options.ConfigObject.ValidatorUrl = null;
            options.InjectStylesheet("/css/docs.css");
        });
    });
}
