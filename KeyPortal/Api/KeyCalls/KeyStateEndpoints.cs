using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KeyPortal.Api.PolicyCalls;
using KeyPortal.Keys;
using KeyPortal.Keys.Policies;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api.KeyCalls;

/// <summary>Gives keys new secrets, ends keys, switches them off and on, and decides on those that wait.</summary>
internal sealed class KeyStateEndpoints(ApiCallers callers, KeyRotation rotation, KeyRevocation revocation, KeySuspension suspension, KeyApproval approval, KeyQueries queries, IdempotentCalls calls)
{
    public Task RotateAsync(HttpContext context) => RunAsync(context, ApiJson.Default.RotateBody, RotateBody.None, (actor, id, body) => calls.RunAsync(context, actor,
        async once => KeyOnce.Of(await rotation.RotateAsync(actor, id, body.ToInput(), KeyAnswer.TermsOf(context, once), context.RequestAborted)),
        async _ => KeyOnce.Again(await queries.FindAsync(actor, id, context.RequestAborted))), KeyAnswer.WriteIssued, issued => KeyAnswer.TagOf(issued.Key));

    public Task RevokeAsync(HttpContext context) => RunAsync(context, ApiJson.Default.RevokeBody, RevokeBody.None, async (actor, id, body) =>
        !body.ToReason().Succeeded(out var reason, out var refusal) ? refusal
        : body.ToNotice() is { } notice ? await revocation.RetireAsync(actor, id, reason, notice, KeyAnswer.TermsOf(context), context.RequestAborted)
        : await revocation.RevokeAsync(actor, id, reason, KeyAnswer.TermsOf(context), context.RequestAborted), KeyAnswer.Write, KeyAnswer.TagOf);

    public Task DisableAsync(HttpContext context) => RunAsync(context, ApiJson.Default.EmptyBody, EmptyBody.None, (actor, id, _) =>
        suspension.DisableAsync(actor, id, KeyAnswer.TermsOf(context), context.RequestAborted), KeyAnswer.Write, KeyAnswer.TagOf);

    public Task EnableAsync(HttpContext context) => RunAsync(context, ApiJson.Default.EmptyBody, EmptyBody.None, (actor, id, _) =>
        suspension.EnableAsync(actor, id, KeyAnswer.TermsOf(context), context.RequestAborted), KeyAnswer.Write, KeyAnswer.TagOf);

    public Task ApproveAsync(HttpContext context) => RunAsync(context, ApiJson.Default.EmptyBody, EmptyBody.None, (actor, id, _) =>
        approval.ApproveAsync(actor, id, KeyAnswer.TermsOf(context), context.RequestAborted), KeyAnswer.Write, KeyAnswer.TagOf);

    public Task DeclineAsync(HttpContext context) => RunAsync(context, ApiJson.Default.DeclineBody, DeclineBody.None, (actor, id, body) =>
        approval.DeclineAsync(actor, id, body.Reason, KeyAnswer.TermsOf(context), context.RequestAborted), KeyAnswer.Write, KeyAnswer.TagOf);

    private async Task RunAsync<TBody, T>(
        HttpContext context, JsonTypeInfo<TBody> type, TBody absent, Func<Actor, string, TBody, Task<Outcome<T>>> act, Action<Utf8JsonWriter, T> write, Func<T, string> tagOf) where TBody : class =>
        await ApiCall.AnswerAsync(context, await ApiCall.RunAsync(context, callers, async actor =>
        {
            var read = await JsonBody.ReadAsync(context, type, JsonBody.KeyLimit, absent);
            return read.Succeeded(out var body, out var refusal) ? await act(actor, ApiCall.KeyId(context), body) : refusal;
        }), write, tagOf);
}
