using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KeyPortal.Keys.Leaks;
using KeyPortal.Primitives;

namespace KeyPortal.Api.LeakCalls;

/// <summary>One match of GitHub's secret scanning: https://docs.github.com/code-security/secret-scanning/secret-scanning-partner-program.</summary>
internal sealed class ScanningAlert
{
    public string? Token { get; set; }

    public string? Type { get; set; }

    public string? Url { get; set; }

    public string? Source { get; set; }
}

/// <summary>
/// <c>POST /api/v1/secret-scanning/alerts</c>: GitHub has found keys in public. The body is believed when it is signed, byte by byte, with a key of the settings
/// (ECDSA over NIST P-256 with SHA-256); each match is answered with whether it was one of ours.
/// </summary>
internal sealed class ScanningEndpoint(LeakReports reports, ScanningKeys keys)
{
    public const string KeyHeader = "Github-Public-Key-Identifier";
    public const string SignatureHeader = "Github-Public-Key-Signature";
    private const int BodyLimit = 4 * 1024 * 1024;

    private static readonly Refusal NotSigned = new(RefusalKind.Unauthenticated, "bad_signature", "The body is not signed with a key this instance knows.");

    public async Task HandleAsync(HttpContext context) => await ApiCall.AnswerAsync(context, await TakeAsync(context), Write);

    private async Task<Outcome<IReadOnlyList<(ScanningAlert Alert, LeakOutcome Outcome)>>> TakeAsync(HttpContext context)
    {
        var read = await JsonBody.ReadBytesAsync(context, BodyLimit);
        if (!read.Succeeded(out var body, out var refusal))
        {
            return refusal;
        }

        var headers = context.Request.Headers;
        if (headers[KeyHeader] is not [{ } id] || headers[SignatureHeader] is not [{ } signature] || !keys.Verify(id, signature, body))
        {
            return NotSigned;
        }

        if (!JsonBody.Parse(body, ApiJson.Lenient.IReadOnlyListScanningAlert).Succeeded(out var alerts, out refusal))
        {
            return refusal;
        }

        if (alerts.Count > LeakReports.Most * 10 || alerts.Any(a => a?.Token is null))
        {
            return Refusal.Invalid("", "Each match is an object with a token.");
        }

        List<(ScanningAlert, LeakOutcome)> verdicts = [];
        foreach (var alert in alerts)
        {
            var outcome = await reports.ReportAsync([alert.Token!], new LeakReport("github", alert.Url, RequestIdentity.OriginOf(context)), context.RequestAborted);
            verdicts.Add((alert, outcome[0]));
        }

        return verdicts;
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<(ScanningAlert Alert, LeakOutcome Outcome)> verdicts)
    {
        json.WriteStartArray();
        foreach (var (alert, outcome) in verdicts)
        {
            json.WriteStartObject();
            json.WriteString("token_hash"u8, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(alert.Token!))));
            json.WriteString("token_type"u8, alert.Type ?? "");
            json.WriteString("label"u8, outcome == LeakOutcome.Unknown ? "false_positive"u8 : "true_positive"u8);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
