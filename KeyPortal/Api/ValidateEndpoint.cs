using System.Buffers;
using System.Text.Json;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api;

/// <summary>
/// <c>POST /api/v1/api-keys/validate</c>: binds, asks, writes. Written by hand and not through a typed handler, because this is the call that is made
/// thousands of times a second.
/// </summary>
internal sealed class ValidateEndpoint(KeyValidator validator, CallerAuthentication callers)
{
    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json) _reused;

    public async Task HandleAsync(HttpContext context)
    {
        var caller = await PresentedCredential.AuthenticateAsync(context, callers);
        if (caller.Refusal is { } refusal)
        {
            await ProblemAnswer.WriteAsync(context, refusal);
            return;
        }

        if (!caller.Value.May(Act.ValidateKeys))
        {
            await ProblemAnswer.WriteAsync(context, new Refusal(RefusalKind.NotAllowed, "not_allowed",
                "Validating keys needs the scope api-keys:validate and an owner whose role allows it."));
            return;
        }

        if (await JsonBody.ReadAsync(context, ApiJson.Default.ValidateBody) is not { } body)
        {
            return;
        }

        if (!body.ToDemand().Succeeded(out var demand, out var invalid))
        {
            await ProblemAnswer.WriteAsync(context, invalid);
            return;
        }

        var fresh = context.Request.Headers.CacheControl is [{ } directive] && directive.Contains("no-cache", StringComparison.OrdinalIgnoreCase);
        var result = await validator.ValidateAsync(caller.Value.OrganizationId, new ValidationRequest { Key = body.Key, Demand = demand, Fresh = fresh }, context.RequestAborted);
        await WriteAsync(context, result);
    }

    private static ValueTask WriteAsync(HttpContext context, ValidationResult result)
    {
        var (buffer, json) = _reused;
        if (json is null)
        {
            buffer = new ArrayBufferWriter<byte>(1024);
            json = new Utf8JsonWriter(buffer);
            _reused = (buffer, json);
        }

        buffer.ResetWrittenCount();
        json.Reset(buffer);
        ValidationAnswer.Write(json, result, RequestIdentity.Of(context));
        json.Flush();
        var response = context.Response;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        response.ContentLength = buffer.WrittenCount;
        // Copied into the response's own buffer before this thread can leave, so the reused one is free again.
        response.BodyWriter.Write(buffer.WrittenSpan);
        return ValueTask.CompletedTask;
    }
}
