using System.Text.Json;
using KeyPortal.Access;
using KeyPortal.Keys.Leaks;
using KeyPortal.Primitives;

namespace KeyPortal.Api.LeakCalls;

/// <summary>What <c>POST /api/v1/revoke-leaked</c> takes.</summary>
internal sealed class LeakedBody
{
    public IReadOnlyList<string>? Keys { get; set; }

    public Refusal? Check() => Keys is { Count: >= 1 and <= LeakReports.Most } && Keys.All(k => k is not null) ? null : Refusal.Invalid("/keys", $"Send 1 to {LeakReports.Most:N0} keys.");
}

/// <summary>
/// <c>POST /api/v1/revoke-leaked</c>: needs no credential, for whoever holds a key may end it. The answer says nothing of what was found: it would tell a
/// thief which of many strings are keys. An address that reports nothing but noise has to wait.
/// </summary>
internal sealed class LeakedEndpoint(LeakReports reports, GuessLimits limits)
{
    public async Task HandleAsync(HttpContext context) => await ApiCall.AnswerAsync(context, await TakeAsync(context), Write, StatusCodes.Status202Accepted);

    private async Task<Outcome<int>> TakeAsync(HttpContext context)
    {
        var read = await JsonBody.ReadAsync(context, ApiJson.Default.LeakedBody, JsonBody.KeyLimit);
        if (!read.Succeeded(out var body, out var refusal) || (refusal = body.Check()) is not null)
        {
            return refusal;
        }

        var origin = RequestIdentity.OriginOf(context);
        if (!limits.TryBegin(Guess.LeakedKeys, origin.Ip))
        {
            return GuessLimits.TooMany;
        }

        var outcomes = await reports.ReportAsync(body.Keys!, new LeakReport("api", null, origin), context.RequestAborted);
        if (outcomes.Any(outcome => outcome is LeakOutcome.Revoked or LeakOutcome.SecretEnded))
        {
            limits.Forgive(Guess.LeakedKeys, origin.Ip);
        }

        return outcomes.Count;
    }

    private static void Write(Utf8JsonWriter json, int received)
    {
        json.WriteStartObject();
        json.WriteNumber("received"u8, received);
        json.WriteEndObject();
    }
}
