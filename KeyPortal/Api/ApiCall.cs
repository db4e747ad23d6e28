using System.Text.Json;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api;

/// <summary>What every management call does around its act: who calls, then the act, then its value or its problem as the answer.</summary>
internal static class ApiCall
{
    public static async Task<Outcome<T>> RunAsync<T>(HttpContext context, CallerAuthentication callers, Func<Actor, Task<Outcome<T>>> act)
    {
        var caller = await PresentedCredential.AuthenticateAsync(context, callers);
        return caller.Refusal is { } refusal ? refusal : await act(caller.Value);
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

    public static string KeyId(HttpContext context) => (string)context.Request.RouteValues["id"]!;
}
