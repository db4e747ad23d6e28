using System.Text.Json;
using KeyPortal.Primitives;

namespace KeyPortal.Api;

/// <summary>RFC 9457 problem details, the one form of every refusal over HTTP.</summary>
internal static class ProblemAnswer
{
    public static async Task WriteAsync(HttpContext context, int status, string code, string detail, IReadOnlyList<FieldError>? errors = null)
    {
        if (status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"KeyPortal\"";
        }

        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        var problem = new Problem("about:blank", Title(status), status, detail, code, RequestIdentity.Of(context), errors is { Count: > 0 } ? errors : null);
        context.Response.ContentType = "application/problem+json";
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(problem, ApiJson.Default.Problem), context.RequestAborted);
    }

    public static Task WriteAsync(HttpContext context, Refusal refusal) =>
        WriteAsync(context, StatusOf(refusal.Kind), refusal.Code, refusal.Detail, refusal.Errors);

    public static int StatusOf(RefusalKind kind) => kind switch
    {
        RefusalKind.Malformed => StatusCodes.Status400BadRequest,
        RefusalKind.Invalid => StatusCodes.Status422UnprocessableEntity,
        RefusalKind.Unauthenticated => StatusCodes.Status401Unauthorized,
        RefusalKind.NotAllowed => StatusCodes.Status403Forbidden,
        RefusalKind.NotFound => StatusCodes.Status404NotFound,
        RefusalKind.Conflict => StatusCodes.Status409Conflict,
        _ => StatusCodes.Status429TooManyRequests,
    };

    private static string Title(int status) => Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status);
}

internal sealed record Problem(string Type, string Title, int Status, string Detail, string Code, string RequestId, IReadOnlyList<FieldError>? Errors);
