using System.Text.Json;
using KeyPortal.Api.KeyCalls;
using KeyPortal.Keys.Bulk;
using KeyPortal.Offboarding;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using KeyPortal.Validation;

namespace KeyPortal.Api.BulkCalls;

/// <summary>What a bulk call answers: a preview where nothing was confirmed, else what was done; each rotated key tells its new secret this once.</summary>
internal sealed record BulkAnswer(BulkAction Action, int Count, bool IsPreview, int Changed, IReadOnlyList<BulkRotated> Rotated, IReadOnlyList<string> Ids);

/// <summary><c>POST /api/v1/api-keys/bulk</c>: one act for many keys, done only on the number of keys that was confirmed.</summary>
internal sealed class BulkEndpoint(ApiCallers callers, KeyBulk bulk, BulkRotation rotation, BreakGlass breakGlass, IdempotentCalls calls)
{
    public const int BodyLimit = 4 * 1024 * 1024;

    public async Task HandleAsync(HttpContext context) =>
        await ApiCall.AnswerAsync(context, await ApiCall.RunAsync(context, callers, async actor =>
        {
            var read = await JsonBody.ReadAsync(context, ApiJson.Default.BulkBody, BodyLimit);
            if (!read.Succeeded(out var body, out var refusal) || !body.ToAct().Succeeded(out var act, out refusal))
            {
                return refusal;
            }

            // Only a rotation makes what could be made twice. It notes each key for itself, so a repeat goes through them again and finds them done.
            return await calls.RunAsync(context, actor, Do, _ => Do(IdempotentCalls.NameOf(context, actor)));

            Task<Outcome<BulkAnswer>> Do(OnceOnly? once) => ActAsync(actor, body, act, once, context.RequestAborted);
        }), Write);

    private async Task<Outcome<BulkAnswer>> ActAsync(Actor actor, BulkBody body, BulkAct act, OnceOnly? once, CancellationToken cancellationToken)
    {
        if (body.IsIncident)
        {
            return body.ToIncident().Succeeded(out var incident, out var odd) ? await EndAsync(actor, incident, body.ConfirmCount, act, cancellationToken) : odd;
        }

        if (body.ConfirmCount is not { } confirmed)
        {
            return Preview(act.Action, await bulk.PreviewAsync(actor, act.Action, act.Selection, cancellationToken));
        }

        return act.Action switch
        {
            BulkAction.Revoke => Done(act.Action, await bulk.RevokeAsync(actor, act.Selection, confirmed, act.Reason, cancellationToken: cancellationToken)),
            BulkAction.Disable => Done(act.Action, await bulk.DisableAsync(actor, act.Selection, confirmed, cancellationToken: cancellationToken)),
            BulkAction.Tag => Done(act.Action, await bulk.TagAsync(actor, act.Selection, confirmed, body.AddTags, body.RemoveTags, cancellationToken: cancellationToken)),
            _ => Rotated(await rotation.RotateAsync(actor, act.Selection, confirmed, act.Rotation, once, cancellationToken: cancellationToken)),
        };
    }

    private async Task<Outcome<BulkAnswer>> EndAsync(Actor actor, Incident incident, int? confirmed, BulkAct act, CancellationToken cancellationToken) => confirmed is { } count
        ? Done(act.Action, await breakGlass.RevokeAsync(actor, incident, count, act.Reason, cancellationToken: cancellationToken))
        : Preview(act.Action, await breakGlass.PreviewAsync(actor, incident, cancellationToken));

    private static Outcome<BulkAnswer> Preview(BulkAction action, Outcome<BulkPreview> previewed) =>
        previewed.Succeeded(out var preview, out var refusal) ? new BulkAnswer(action, preview.Count, true, 0, [], [.. preview.First.Select(k => k.Id)]) : refusal;

    private static Outcome<BulkAnswer> Done(BulkAction action, Outcome<BulkResult> done) =>
        done.Succeeded(out var result, out var refusal) ? new BulkAnswer(action, result.Count, false, result.Changed, [], result.Ids) : refusal;

    private static Outcome<BulkAnswer> Rotated(Outcome<IReadOnlyList<BulkRotated>> done) =>
        done.Succeeded(out var rotated, out var refusal) ? new BulkAnswer(BulkAction.Rotate, rotated.Count, false, rotated.Count(r => r.Issued is not null), rotated, []) : refusal;

    private static void Write(Utf8JsonWriter json, BulkAnswer answer)
    {
        json.WriteStartObject();
        json.WriteString("action"u8, SnakeCase.Of(answer.Action));
        json.WriteBoolean("preview"u8, answer.IsPreview);
        json.WriteNumber("count"u8, answer.Count);
        json.WriteNumber("changed"u8, answer.Changed);
        json.WriteStartArray("data"u8);
        foreach (var id in answer.Ids)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, id);
            json.WriteEndObject();
        }

        foreach (var rotated in answer.Rotated)
        {
            WriteRotated(json, rotated);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRotated(Utf8JsonWriter json, BulkRotated rotated)
    {
        if (rotated is { Refusal: { } refusal })
        {
            json.WriteStartObject();
            json.WriteString("id"u8, rotated.Id);
            json.WriteString("code"u8, refusal.Code);
            json.WriteString("detail"u8, refusal.Detail);
            json.WriteEndObject();
        }
        else
        {
            KeyAnswer.WriteIssued(json, new KeyOnce(rotated.Issued?.Key ?? rotated.Before!, rotated.Issued?.Plaintext));
        }
    }
}
