using KeyPortal.Api.SignInCalls;
using KeyPortal.Primitives;
using KeyPortal.Storage;

namespace KeyPortal.Api;

/// <summary>
/// The first middleware. Gives every request its id and, where a request is the API's, runs its endpoint right here: behind this door stand cookies,
/// antiforgery and pages, and nothing a browser sends by itself may count as a credential. Whatever goes wrong on the API's side becomes a problem.
/// </summary>
internal sealed partial class ApiDoor(TimeProvider clock, ILogger<ApiDoor> log)
{
    private const int ClientClosedRequest = 499;

    public Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        RequestIdentity.Begin(context, clock.GetUtcNow());
        return IsForApi(context.Request.Path) ? AnswerAsync(context) : PassOnAsync(context, next);
    }

    private static bool IsForApi(PathString path) =>
        path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/api_keys", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/openapi", StringComparison.OrdinalIgnoreCase)
        || path.Equals(JwksEndpoint.Path, StringComparison.OrdinalIgnoreCase);

    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            if (context.GetEndpoint()?.RequestDelegate is { } endpoint)
            {
                await endpoint(context);
            }
            else
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            }

            await ExplainAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = ClientClosedRequest;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await FailAsync(context, e);
        }
    }

    /// <summary>Routing answers a wrong method with a bare 405 (and <c>Allow</c>); a bare answer gets its problem here.</summary>
    private static Task ExplainAsync(HttpContext context)
    {
        var response = context.Response;
        return response is not { HasStarted: false, StatusCode: >= 400, ContentType: null } ? Task.CompletedTask : response.StatusCode switch
        {
            StatusCodes.Status404NotFound => ProblemAnswer.WriteAsync(context, 404, "not_found", "There is no such address in this API."),
            StatusCodes.Status405MethodNotAllowed => ProblemAnswer.WriteAsync(context, 405, "method_not_allowed", $"This address answers {response.Headers.Allow} only."),
            var status => ProblemAnswer.WriteAsync(context, status, "refused", "The request was refused."),
        };
    }

    private async Task FailAsync(HttpContext context, Exception exception)
    {
        var limits = LimitHeaders.Of(context.Response.Headers);
        context.Response.Clear();
        RequestIdentity.Repeat(context);
        LimitHeaders.Restore(context.Response.Headers, limits);
        if (StorageUnavailableException.From(exception) is { } outage)
        {
            Log.Outage(log, RequestIdentity.Of(context), exception);
            await ProblemAnswer.WriteAsync(context, 503, "storage_unavailable", outage.Message);
        }
        else if (exception is TimeoutException)
        {
            Log.Outage(log, RequestIdentity.Of(context), exception);
            await ProblemAnswer.WriteAsync(context, 503, "busy", "KeyPortal is too busy to decide this. Try again in a few seconds.");
        }
        else if (exception is BadHttpRequestException bad)
        {
            await ProblemAnswer.WriteAsync(context, bad.StatusCode, "malformed_request", "The request could not be read.");
        }
        else
        {
            // The client gets the class of the failure, the log its cause; neither gets a header or a body.
            Log.Failed(log, RequestIdentity.Of(context), exception);
            await ProblemAnswer.WriteAsync(context, 500, "internal_error", "Something went wrong inside KeyPortal. Its log has the cause under this request's id.");
        }
    }

    private async Task PassOnAsync(HttpContext context, RequestDelegate next)
    {
        // An error page clears the headers on its way; this puts the id back.
        context.Response.OnStarting(static state =>
        {
            RequestIdentity.Repeat((HttpContext)state);
            return Task.CompletedTask;
        }, context);
        try
        {
            await next(context);
        }
        catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            // Not logged when the request itself is broken: anyone could fill the log with it.
            if (IsUnreadable(context.Request, e))
            {
                await FailPlainlyAsync(context, StatusCodes.Status400BadRequest, "The request could not be read.");
                return;
            }

            Log.Failed(log, RequestIdentity.Of(context), e);
            var outage = StorageUnavailableException.From(e);
            await FailPlainlyAsync(context, outage is null ? StatusCodes.Status500InternalServerError : StatusCodes.Status503ServiceUnavailable,
                outage?.Message ?? "Something went wrong inside KeyPortal.");
        }
    }

    /// <summary>A form that is none or in UTF-7, which .NET does not read any more, or a Host that no address can be made of (pages know themselves by their address).</summary>
    private static bool IsUnreadable(HttpRequest request, Exception exception) =>
        exception is BadHttpRequestException
        || (request.HasFormContentType && (exception.InnerException ?? exception) is InvalidDataException or NotSupportedException)
        || !Uri.TryCreate($"{request.Scheme}://{request.Host}/", UriKind.Absolute, out _);

    private static async Task FailPlainlyAsync(HttpContext context, int status, string sentence)
    {
        context.Response.Clear();
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync($"{sentence}\n{RequestIdentity.Of(context)}\n", context.RequestAborted);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Request {RequestId} failed")]
        public static partial void Failed(ILogger logger, string requestId, Exception exception);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Request {RequestId} could not be served")]
        public static partial void Outage(ILogger logger, string requestId, Exception exception);
    }
}
