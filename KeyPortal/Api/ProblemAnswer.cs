using System.Text.Json;
using KeyPortal.Primitives;
using Microsoft.AspNetCore.WebUtilities;

namespace KeyPortal.Api;

/// <summary>RFC 9457 problem details, the one form of every refusal over HTTP, and the one place that turns a refusal into a status.</summary>
internal static class ProblemAnswer
{
    public const string ContentType = "application/problem+json";
    public const string TooLarge = "body_too_large";
    public const string UnsupportedMediaType = "unsupported_media_type";

    /// <summary>The problem types of draft-ietf-httpapi-ratelimit-headers-10, with the title it gives them.</summary>
    public const string QuotaExceeded = "https://iana.org/assignments/http-problem-types#quota-exceeded";
    private const string QuotaExceededTitle = "Request cannot be satisfied as assigned quota has been exceeded";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    public static Task WriteAsync(HttpContext context, int status, string code, string detail) =>
        WriteAsync(context, status, new Refusal(RefusalKind.Malformed, code, detail));

    public static Task WriteAsync(HttpContext context, Refusal refusal) => WriteAsync(context, StatusOf(refusal), refusal);

    public static int StatusOf(Refusal refusal) => refusal switch
    {
        { Code: TooLarge } => StatusCodes.Status413PayloadTooLarge,
        { Code: UnsupportedMediaType } => StatusCodes.Status415UnsupportedMediaType,
        { Kind: RefusalKind.Malformed } => StatusCodes.Status400BadRequest,
        { Kind: RefusalKind.Invalid } => StatusCodes.Status422UnprocessableEntity,
        { Kind: RefusalKind.Unauthenticated } => StatusCodes.Status401Unauthorized,
        { Kind: RefusalKind.NotAllowed } => StatusCodes.Status403Forbidden,
        { Kind: RefusalKind.NotFound } => StatusCodes.Status404NotFound,
        { Kind: RefusalKind.Conflict } => StatusCodes.Status409Conflict,
        { Kind: RefusalKind.Stale } => StatusCodes.Status412PreconditionFailed,
        { Kind: RefusalKind.Unavailable } => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status429TooManyRequests,
    };

    private static Task WriteAsync(HttpContext context, int status, Refusal refusal)
    {
        var headers = context.Response.Headers;
        if (status == StatusCodes.Status401Unauthorized)
        {
            headers.WWWAuthenticate = "Bearer realm=\"KeyPortal\"";
        }
        else if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            headers.RetryAfter = ((long)(refusal.RetryAfter ?? Soon).TotalSeconds).ToString();
        }

        JsonAnswer.Write(context, status, ContentType, (status, refusal, RequestIdentity.Of(context)), Write);
        return Task.CompletedTask;
    }

    private static void Write(Utf8JsonWriter json, (int Status, Refusal Refusal, string RequestId) problem)
    {
        json.WriteStartObject();
        var ofLimits = problem.Refusal.ViolatedLimits.Count > 0;
        json.WriteString("type"u8, ofLimits ? QuotaExceeded : "about:blank");
        json.WriteString("title"u8, ofLimits ? QuotaExceededTitle : ReasonPhrases.GetReasonPhrase(problem.Status));
        json.WriteNumber("status"u8, problem.Status);
        json.WriteString("detail"u8, problem.Refusal.Detail);
        json.WriteString("code"u8, problem.Refusal.Code);
        json.WriteString("request_id"u8, problem.RequestId);
        if (ofLimits)
        {
            JsonAnswer.WriteTexts(json, "violated-policies"u8, problem.Refusal.ViolatedLimits);
        }

        if (problem.Refusal.Errors.Count > 0)
        {
            WriteErrors(json, problem.Refusal.Errors);
        }

        json.WriteEndObject();
    }

    public static void WriteErrors(Utf8JsonWriter json, IReadOnlyList<FieldError> errors)
    {
        json.WriteStartArray("errors"u8);
        foreach (var error in errors)
        {
            json.WriteStartObject();
            json.WriteString("pointer"u8, error.Pointer);
            json.WriteString("detail"u8, error.Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
