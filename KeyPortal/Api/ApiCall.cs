using System.Text.Json;
using KeyPortal.Audit;
using KeyPortal.Primitives;

namespace KeyPortal.Api;

/// <summary>What every management call does around its act: who calls and how often, then the act, then its value or its problem as the answer.</summary>
internal static class ApiCall
{
    public static async Task<Outcome<T>> RunAsync<T>(HttpContext context, ApiCallers callers, Func<Actor, Task<Outcome<T>>> act)
    {
        var caller = await callers.AdmitAsync(context);
        return caller.Refusal is { } refusal ? refusal : await act(caller.Value);
    }

    /// <summary>The same for calls that decide on keys, which are bounded by the limits of the caller's key alone.</summary>
    public static async Task<Outcome<T>> DecideAsync<T>(HttpContext context, ApiCallers callers, PermissionGate gate, Func<Actor, Task<Outcome<T>>> act)
    {
        var caller = await callers.AuthenticateAsync(context);
        return caller.Refusal is { } refusal ? refusal
            : await gate.RefuseAsync(caller.Value, Act.ValidateKeys, context.RequestAborted) is { } forbidden ? forbidden
            : await act(caller.Value);
    }

    public static Task AnswerAsync<T>(HttpContext context, Outcome<T> outcome, Action<Utf8JsonWriter, T> write, int status = StatusCodes.Status200OK)
    {
        if (!outcome.Succeeded(out var value, out var refusal))
        {
            return ProblemAnswer.WriteAsync(context, refusal);
        }

        JsonAnswer.Write(context, status, "application/json", value, write);
        return Task.CompletedTask;
    }

    /// <summary>An answer with an entity tag; 304 to a reader who has it already.</summary>
    public static Task AnswerAsync<T>(HttpContext context, Outcome<T> outcome, Action<Utf8JsonWriter, T> write, Func<T, string> tagOf, int status = StatusCodes.Status200OK)
    {
        if (outcome.Succeeded(out var value, out _))
        {
            var tag = tagOf(value);
            context.Response.Headers.ETag = tag;
            if (!Changes(context.Request) && ETag.IsKnown(context.Request.Headers.IfNoneMatch, tag))
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }
        }

        return AnswerAsync(context, outcome, write, status);
    }

    private static bool Changes(HttpRequest request) => !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);

    public static string KeyId(HttpContext context) => (string)context.Request.RouteValues["id"]!;
}
