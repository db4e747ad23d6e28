using KeyPortal.Operations;
using KeyPortal.Primitives;

namespace KeyPortal.Api;

/// <summary>For whoever watches over the process: <c>/healthz/live</c>, it runs; <c>/healthz/ready</c>, it can do all its work. No credential, no secret.</summary>
internal static class HealthEndpoints
{
    private static readonly NeedsNothingAttribute Watching = new("whoever watches over the process; the answer tells nothing of what is in it");

    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/healthz/live", () => TypedResults.Json(new { status = "live" })).WithMetadata(Watching);
        app.MapGet("/healthz/ready", async (HttpContext context, Readiness readiness) =>
        {
            context.Response.Headers.CacheControl = "no-store";
            var report = await readiness.CheckAsync(context.RequestAborted);
            return TypedResults.Json(
                new { status = report.IsReady ? "ready" : "not_ready", database = report.Reads, migrations = report.Migrations, writes = report.Writes },
                statusCode: report.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }).WithMetadata(Watching);
    }
}
