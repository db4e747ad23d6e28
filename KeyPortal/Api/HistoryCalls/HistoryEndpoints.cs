using System.Text.Json;
using KeyPortal.Audit;
using KeyPortal.Keys;
using KeyPortal.Primitives;
using KeyPortal.Usage;
using KeyPortal.Validation;

namespace KeyPortal.Api.HistoryCalls;

/// <summary>What a key did, and what was done with it.</summary>
internal sealed class HistoryEndpoints(ApiCallers callers, UsageQueries usage, AuditReader audit, KeyQueries keys, PermissionGate gate, TimeProvider clock)
{
    public async Task UsageAsync(HttpContext context) =>
        await ApiCall.AnswerAsync(context, await ApiCall.RunAsync<(UsageSpan Span, IReadOnlyList<UsageBucket> Buckets)>(context, callers, async actor =>
        {
            if (!HistoryQuery.ReadSpan(context.Request.Query, clock.Now()).Succeeded(out var span, out var refusal))
            {
                return refusal;
            }

            return (await usage.BetweenAsync(actor, span, ApiCall.KeyId(context), context.RequestAborted)).Succeeded(out var buckets, out refusal) ? (span, buckets) : refusal;
        }), WriteUsage);

    public async Task AuditLogAsync(HttpContext context) =>
        await ApiCall.AnswerAsync(context, await ApiCall.RunAsync<(ResultPage<AuditView> Page, string OrganizationId)>(context, callers, async actor =>
        {
            if (!HistoryQuery.ReadPage(context.Request.Query).Succeeded(out var page, out var refusal))
            {
                return refusal;
            }

            // Who reads the log reads all of it, of keys too; whoever does not is told so before anything is looked for.
            if (await gate.RefuseAsync(actor, Act.ReadAuditLog, context.RequestAborted) is { } forbidden)
            {
                return forbidden;
            }

            var id = ApiCall.KeyId(context);
            return !await keys.ExistsAsync(actor.OrganizationId, id, context.RequestAborted) ? Refusal.NotFound("key")
                : (await audit.ListAsync(actor, new AuditFilter { TargetId = id }, page.Limit, page.Before, context.RequestAborted)).Succeeded(out var entries, out refusal) ? (entries, actor.OrganizationId)
                : refusal;
        }), WriteEntries);

    private static void WriteUsage(Utf8JsonWriter json, (UsageSpan Span, IReadOnlyList<UsageBucket> Buckets) usage)
    {
        json.WriteStartObject();
        json.WriteString("from"u8, WireTime.Of(usage.Span.From));
        json.WriteString("to"u8, WireTime.Of(usage.Span.To));
        json.WriteString("interval"u8, SnakeCase.Of(usage.Span.Interval));
        json.WriteStartArray("data"u8);
        foreach (var bucket in usage.Buckets)
        {
            json.WriteStartObject();
            json.WriteString("from"u8, WireTime.Of(bucket.From));
            json.WriteString("to"u8, WireTime.Of(bucket.To));
            WriteCounts(json, bucket.Calls, bucket.Valid, bucket.ByCode);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("totals"u8);
        WriteCounts(json, usage.Buckets.Sum(b => b.Calls), usage.Buckets.Sum(b => b.Valid),
            usage.Buckets.SelectMany(b => b.ByCode).GroupBy(c => c.Key).ToDictionary(g => g.Key, g => g.Sum(c => c.Value)));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteCounts(Utf8JsonWriter json, long calls, long valid, IReadOnlyDictionary<ValidationCode, long> byCode)
    {
        json.WriteNumber("calls"u8, calls);
        json.WriteNumber("valid"u8, valid);
        json.WriteNumber("refused"u8, calls - valid);
        json.WriteStartObject("by_code"u8);
        foreach (var (code, count) in byCode.OrderBy(c => c.Key))
        {
            json.WriteNumber(SnakeCase.Of(code), count);
        }

        json.WriteEndObject();
    }

    private static void WriteEntries(Utf8JsonWriter json, (ResultPage<AuditView> Page, string OrganizationId) read)
    {
        json.WriteStartObject();
        json.WriteStartArray("data"u8);
        foreach (var entry in read.Page.Items)
        {
            WriteEntry(json, entry, read.OrganizationId);
        }

        json.WriteEndArray();
        json.WriteNumber("total"u8, read.Page.Total);
        json.WriteString("next_cursor"u8, read.Page.NextCursor);
        json.WriteEndObject();
    }

    /// <summary>An entry as a person reads it; its exact bytes are for the export.</summary>
    private static void WriteEntry(Utf8JsonWriter json, AuditView entry, string organizationId)
    {
        json.WriteStartObject();
        json.WriteNumber("index"u8, entry.Index);
        json.WriteString("at"u8, WireTime.Of(entry.At));
        json.WriteString("organization_id"u8, organizationId);
        WriteParty(json, "actor"u8, entry.ActorType, entry.ActorId, entry.ActorName);
        json.WriteString("action"u8, entry.Action);
        WriteParty(json, "target"u8, entry.TargetType, entry.TargetId, entry.TargetName);
        json.WriteString("outcome"u8, SnakeCase.Of(entry.Outcome));
        json.WriteString("ip"u8, entry.Ip);
        json.WriteString("user_agent"u8, entry.UserAgent);
        json.WriteString("request_id"u8, entry.RequestId);
        json.WritePropertyName("details"u8);
        entry.Details.WriteTo(json);
        json.WriteEndObject();
    }

    private static void WriteParty(Utf8JsonWriter json, ReadOnlySpan<byte> name, string type, string id, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("type"u8, type);
        json.WriteString("id"u8, id);
        json.WriteString("name"u8, text);
        json.WriteEndObject();
    }
}
