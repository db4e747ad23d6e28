using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Audit;

/// <summary>Appends entries to an organization's log, inside the transaction of the act they record: an act whose entry cannot be written does not happen.</summary>
public static class AuditLog
{
    /// <summary>The log of acts that belong to no organization.</summary>
    public const string Instance = "instance";

    private const int SaltBytes = 16;

    /// <summary>Appends an entry to the log of the actor's organization. It is saved and committed with the rest of <paramref name="write"/>.</summary>
    public static async Task AppendAsync(WriteTransaction write, Actor actor, AuditRecord record, CancellationToken cancellationToken = default)
    {
        var organizationId = actor.OrganizationId;
        var index = await NextIndexAsync(write, organizationId, cancellationToken);
        var openings = new List<AuditOpening>();
        JsonNode Hidden(string pointer, string value)
        {
            var salt = RandomNumberGenerator.GetBytes(SaltBytes);
            openings.Add(new AuditOpening { OrganizationId = organizationId, Index = index, Pointer = pointer, Salt = salt, Value = value });
            return Commitment(salt, value);
        }

        var details = (JsonObject)record.Details.DeepClone();
        foreach (var name in record.PersonalDetails)
        {
            if (details[name] is JsonValue value)
            {
                details[name] = Hidden($"/details/{name}", value.GetValue<string>());
            }
        }

        var entry = new JsonObject
        {
            ["index"] = index,
            ["at"] = Instant(write.Now),
            ["organization_id"] = organizationId,
            ["actor"] = new JsonObject
            {
                ["type"] = SnakeCase.Of(actor.Type),
                ["id"] = actor.Id,
                ["name"] = actor.Type == ActorType.Member ? Hidden("/actor/name", actor.Name) : actor.Name,
            },
            ["action"] = record.Action,
            ["target"] = new JsonObject
            {
                ["type"] = record.Target.Type,
                ["id"] = record.Target.Id,
                ["name"] = record.Target.Personal ? Hidden("/target/name", record.Target.Name) : record.Target.Name,
            },
            ["outcome"] = SnakeCase.Of(record.Outcome),
            ["ip"] = actor.Origin.Ip is { } ip ? Hidden("/ip", ip) : null,
            ["user_agent"] = actor.Origin.UserAgent is { } agent ? Hidden("/user_agent", agent) : null,
            ["request_id"] = actor.Origin.RequestId,
            ["details"] = details,
        };
        write.Set<AuditEntry>().Add(new AuditEntry
        {
            OrganizationId = organizationId,
            Index = index,
            Bytes = CanonicalJson.Serialize(entry),
            At = write.Now,
            Action = record.Action,
            ActorType = SnakeCase.Of(actor.Type),
            ActorId = actor.Id,
            TargetType = record.Target.Type,
            TargetId = record.Target.Id,
            Outcome = record.Outcome,
        });
        write.Set<AuditOpening>().AddRange(openings);
    }

    /// <summary><c>"sha256:" + base64(SHA-256(salt ‖ UTF-8 of the value))</c>: binds the entry to the value without holding it.</summary>
    public static string Commitment(ReadOnlySpan<byte> salt, string value)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(value)], digest);
        return "sha256:" + Convert.ToBase64String(digest);
    }

    /// <summary>RFC 3339, UTC, exactly three fraction digits.</summary>
    public static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'");

    private static async Task<long> NextIndexAsync(WriteTransaction write, string organizationId, CancellationToken cancellationToken)
    {
        var entries = write.Set<AuditEntry>();
        var added = entries.Local.Where(e => e.OrganizationId == organizationId).Select(e => (long?)e.Index).Max();
        var last = added ?? await entries.Where(e => e.OrganizationId == organizationId).MaxAsync(e => (long?)e.Index, cancellationToken);
        return (last ?? -1) + 1;
    }
}
