using System.Text.Json;
using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Validation;

namespace KeyPortal.Api.ValidationCalls;

/// <summary>What <c>POST /api/v1/api-keys/validate/batch</c> takes.</summary>
internal sealed class BatchBody
{
    public const int MaxRequests = 100;

    public IReadOnlyList<ValidateBody>? Requests { get; set; }

    /// <summary>Every request as the domain knows it, or every field of every one that breaks a rule: a batch is decided whole or not at all.</summary>
    public Outcome<IReadOnlyList<ValidationRequest>> ToRequests(bool fresh)
    {
        if (Requests is not { Count: >= 1 and <= MaxRequests } sent)
        {
            return Refusal.Invalid("/requests", $"A batch has 1 to {MaxRequests} requests.");
        }

        List<FieldError> errors = [];
        List<ValidationRequest> requests = [];
        for (var i = 0; i < sent.Count; i++)
        {
            if (sent[i] is not { } body)
            {
                errors.Add(new FieldError($"/requests/{i}", "A request is an object."));
            }
            else if (body.ToDemand().Succeeded(out var demand, out var refusal))
            {
                requests.Add(body.ToRequest(demand, fresh));
            }
            else
            {
                errors.AddRange(refusal.Errors.Select(e => e with { Pointer = $"/requests/{i}{e.Pointer}" }));
            }
        }

        return errors.Count > 0 ? Refusal.Invalid(errors) : requests;
    }
}

/// <summary><c>POST /api/v1/api-keys/validate/batch</c>: up to a hundred decisions in one call, in the order in which they were asked.</summary>
internal sealed class BatchEndpoint(KeyValidator validator, ApiCallers callers, PermissionGate gate)
{
    public async Task HandleAsync(HttpContext context) =>
        await ApiCall.AnswerAsync(context, await DecideAsync(context), (json, results) => Write(json, results, RequestIdentity.Of(context)));

    private async Task<Outcome<IReadOnlyList<ValidationResult>>> DecideAsync(HttpContext context)
    {
        if (!(await callers.IdentifyAsync(context)).Succeeded(out var caller, out var unknown))
        {
            return unknown;
        }

        // Before the body is read: whoever may decide nothing, or has no room for even one decision, is refused for the price of one call, and noted as for any other.
        // Should there be room again a moment later, that call is spent besides, and the batch goes on.
        if ((callers.IsFull(caller) || !caller.Actor.May(Act.ValidateKeys))
            && ((await callers.SpendAsync(context, caller, cost: 1)).Refusal ?? await gate.RefuseAsync(caller.Actor, Act.ValidateKeys, context.RequestAborted)) is { } early)
        {
            return early;
        }

        var read = await JsonBody.ReadAsync(context, ApiJson.Default.BatchBody);
        var wanted = read.Succeeded(out var body, out var unread) ? body.ToRequests(ValidateEndpoint.WantsFresh(context)) : unread;

        // Each decision costs as much as if it were asked for alone; what cannot be read costs one call too, or it would be free to ask amiss.
        var spent = await callers.SpendAsync(context, caller, wanted.Refusal is null ? wanted.Value.Count : 1);
        if (!spent.Succeeded(out var actor, out var refusal))
        {
            return refusal;
        }

        if (wanted.Refusal is { } amiss)
        {
            return amiss;
        }

        return await validator.ValidateAllAsync(actor.OrganizationId, wanted.Value, context.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<ValidationResult> results, string requestId)
    {
        json.WriteStartObject();
        json.WriteStartArray("data"u8);
        foreach (var result in results)
        {
            ValidationAnswer.Write(json, (result, requestId));
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
