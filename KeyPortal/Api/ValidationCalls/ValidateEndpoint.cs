using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api.ValidationCalls;

/// <summary>
/// <c>POST /api/v1/api-keys/validate</c>: binds, asks, writes. Written without a typed handler or closures, because this is the call that is made
/// thousands of times a second.
/// </summary>
internal sealed class ValidateEndpoint(KeyValidator validator, ApiCallers callers, PermissionGate gate)
{
    public async Task HandleAsync(HttpContext context)
    {
        var caller = await callers.AuthenticateAsync(context);
        if (caller.Refusal is { } refusal
            || (refusal = await gate.RefuseAsync(caller.Value, Act.ValidateKeys, context.RequestAborted)) is not null)
        {
            await ProblemAnswer.WriteAsync(context, refusal);
            return;
        }

        var read = await JsonBody.ReadAsync(context, ApiJson.Default.ValidateBody);
        if (!read.Succeeded(out var body, out var malformed) || !body.ToDemand().Succeeded(out var demand, out malformed))
        {
            await ProblemAnswer.WriteAsync(context, malformed);
            return;
        }

        var result = await validator.ValidateAsync(caller.Value.OrganizationId, body.ToRequest(demand, WantsFresh(context)), context.RequestAborted);
        JsonAnswer.Write(context, StatusCodes.Status200OK, "application/json", (result, RequestIdentity.Of(context)), ValidationAnswer.Write);
    }

    /// <summary><c>Cache-Control: no-cache</c>: read the database, whatever is remembered.</summary>
    public static bool WantsFresh(HttpContext context) =>
        context.Request.Headers.CacheControl is [{ } directive] && directive.Contains("no-cache", StringComparison.OrdinalIgnoreCase);
}
