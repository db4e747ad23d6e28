using System.Text.Json.Serialization.Metadata;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api;

/// <summary>Ends keys, and switches them off and on.</summary>
internal sealed class KeyStateEndpoints(CallerAuthentication callers, KeyRevocation revocation, KeySuspension suspension)
{
    public Task RevokeAsync(HttpContext context) => RunAsync(context, ApiJson.Default.RevokeBody, RevokeBody.None, async (actor, id, body) =>
        body.ToReason() is { Refusal: { } refusal } ? refusal
        : await revocation.RevokeAsync(actor, id, body.ToReason().Value, context.RequestAborted));

    public Task DisableAsync(HttpContext context) => RunAsync(context, ApiJson.Default.EmptyBody, EmptyBody.None, (actor, id, _) =>
        suspension.DisableAsync(actor, id, context.RequestAborted));

    public Task EnableAsync(HttpContext context) => RunAsync(context, ApiJson.Default.EmptyBody, EmptyBody.None, (actor, id, _) =>
        suspension.EnableAsync(actor, id, context.RequestAborted));

    private async Task RunAsync<T>(HttpContext context, JsonTypeInfo<T> type, T absent, Func<Actor, string, T, Task<Outcome<KeyView>>> act) where T : class =>
        await ApiCall.AnswerAsync(context, await ApiCall.RunAsync(context, callers, async actor =>
        {
            var read = await JsonBody.ReadAsync(context, type, JsonBody.KeyLimit, absent);
            return read.Succeeded(out var body, out var refusal) ? await act(actor, ApiCall.KeyId(context), body) : refusal;
        }), KeyAnswer.Write);
}
