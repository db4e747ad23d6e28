using System.Text.Json;
using KeyPortal.Keys.Imports;
using KeyPortal.Validation;

namespace KeyPortal.Api.KeyCalls;

/// <summary><c>POST /api/v1/api-keys/import</c>: up to a thousand keys by their hashes, each with an answer of its own.</summary>
internal sealed class ImportEndpoint(ApiCallers callers, KeyImport import)
{
    public async Task HandleAsync(HttpContext context) =>
        await ApiCall.AnswerAsync(context, await ApiCall.RunAsync(context, callers, async actor =>
        {
            var read = await JsonBody.ReadAsync(context, ApiJson.Default.JsonObject, JsonBody.ImportLimit);
            return read.Succeeded(out var body, out var refusal) && ImportReader.Read(body).Succeeded(out var items, out refusal)
                ? await import.ImportAsync(actor, items, context.RequestAborted)
                : refusal;
        }), Write);

    private static void Write(Utf8JsonWriter json, IReadOnlyList<ImportAnswer> answers)
    {
        var imported = answers.Count(a => a.Refusal is null);
        json.WriteStartObject();
        json.WriteNumber("imported"u8, imported);
        json.WriteNumber("refused"u8, answers.Count - imported);
        json.WriteStartArray("data"u8);
        foreach (var answer in answers)
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, answer.Index);
            json.WriteString("status"u8, answer.Refusal is null ? "imported"u8 : "refused"u8);
            json.WriteString("id"u8, answer.KeyId);
            json.WriteString("code"u8, answer.Refusal?.Code);
            json.WriteString("detail"u8, answer.Refusal?.Detail);
            ProblemAnswer.WriteErrors(json, answer.Refusal?.Errors ?? []);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
