using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api;

/// <summary>Gives keys new secrets, ends keys, and switches them off and on.</summary>
internal sealed class KeyStateEndpoints(CallerAuthentication callers, KeyRotation rotation, KeyRevocation revocation, KeySuspension suspension)
{
    public Task RotateAsync(HttpContext context) => RunAsync(context, ApiJson.Default.RotateBody, RotateBody.None, (actor, id, body) =>
        rotation.RotateAsync(actor, id, body.ToInput(), context.RequestAborted), KeyAnswer.WriteIssued);

    public Task RevokeAsync(HttpContext context) => RunAsync(context, ApiJson.Default.RevokeBody, RevokeBody.None, async (actor, id, body) =>
        !body.ToReason().Succeeded(out var reason, out var refusal) ? refusal
        : body.ToNotice() is { } notice ? await revocation.RetireAsync(actor, id, reason, notice, context.RequestAborted)
        : await revocation.RevokeAsync(actor, id, reason, context.RequestAborted), KeyAnswer.Write);

    public Task DisableAsync(HttpContext context) => RunAsync(context, ApiJson.Default.EmptyBody, EmptyBody.None, (actor, id, _) =>
        suspension.DisableAsync(actor, id, context.RequestAborted), KeyAnswer.Write);

    public Task EnableAsync(HttpContext context) => RunAsync(context, ApiJson.Default.EmptyBody, EmptyBody.None, (actor, id, _) =>
        suspension.EnableAsync(actor, id, context.RequestAborted), KeyAnswer.Write);

    private async Task RunAsync<TBody, T>(
        HttpContext context, JsonTypeInfo<TBody> type, TBody absent, Func<Actor, string, TBody, Task<Outcome<T>>> act, Action<Utf8JsonWriter, T> write) where TBody : class =>
        await ApiCall.AnswerAsync(context, await ApiCall.RunAsync(context, callers, async actor =>
        {
            var read = await JsonBody.ReadAsync(context, type, JsonBody.KeyLimit, absent);
            return read.Succeeded(out var body, out var refusal) ? await act(actor, ApiCall.KeyId(context), body) : refusal;
        }), write);
}
