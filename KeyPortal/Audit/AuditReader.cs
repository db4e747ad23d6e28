using System.Text.Json.Nodes;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Audit;

/// <summary>What to look for in a log. Every part is optional; instants bound <c>[From, To)</c>.</summary>
public sealed record AuditFilter
{
    public string? ActorId { get; init; }

    public string? Action { get; init; }

    public string? TargetId { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }
}

/// <summary>An entry as a person reads it: its personal values opened where they have not been erased.</summary>
public sealed record AuditView(
    long Index,
    DateTimeOffset At,
    string ActorType,
    string ActorId,
    string ActorName,
    string Action,
    string TargetType,
    string TargetId,
    string TargetName,
    AuditOutcome Outcome,
    string? Ip,
    string? UserAgent,
    string? RequestId,
    JsonObject Details,
    string Raw);

/// <summary>Reads an organization's log, newest first, for those whose role includes it.</summary>
public sealed class AuditReader(IDbContextFactory<KeyPortalDb> contexts, PermissionGate gate)
{
    public const int MaxPageSize = 200;

    private const string Erased = "erased";

    /// <summary>In place of an opening that does not fit its entry: whoever wrote it, its value proves nothing.</summary>
    private const string Altered = "altered";

    /// <summary>The prefix and the base64 of 32 bytes.</summary>
    private const int CommitmentLength = 7 + 44;

    private static readonly string MemberType = SnakeCase.Of(ActorType.Member);

    /// <param name="beforeIndex">Only entries with a smaller index: the last one of the page before.</param>
    [Needs(Act.ReadAuditLog)]
    public async Task<Outcome<ResultPage<AuditView>>> ListAsync(Actor actor, AuditFilter filter, int limit, long? beforeIndex, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ReadAuditLog, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        limit = Math.Clamp(limit, 1, MaxPageSize);
        await using var db = contexts.CreateDbContext();
        var matching = Matching(db, actor.OrganizationId, filter);
        var total = await matching.CountAsync(cancellationToken);
        var page = await matching
            .Where(e => beforeIndex == null || e.Index < beforeIndex)
            .OrderByDescending(e => e.Index)
            .Take(limit + 1)
            .AsNoTracking()
            .ToListAsync(cancellationToken);
        var shown = page.Take(limit).ToList();
        var next = page.Count > limit ? shown[^1].Index.ToString() : null;
        return new ResultPage<AuditView>(await OpenAsync(db, shown, cancellationToken), total, next);
    }

    /// <summary>The actions and actors that occur in the log, for the page's filters. A name is the newest one that is still open.</summary>
    [Needs(Act.ReadAuditLog)]
    public async Task<Outcome<(IReadOnlyList<string> Actions, IReadOnlyList<(string Id, string Name)> Actors)>> FacetsAsync(Actor actor, CancellationToken cancellationToken = default)
    {
        if (await gate.RefuseAsync(actor, Act.ReadAuditLog, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var db = contexts.CreateDbContext();
        var entries = db.Set<AuditEntry>().Where(e => e.OrganizationId == actor.OrganizationId);
        var actions = await entries.Select(e => e.Action).Distinct().OrderBy(a => a).ToListAsync(cancellationToken);
        var newest = await entries.GroupBy(e => e.ActorId).Select(g => new { g.Key, Index = g.Max(e => e.Index) }).ToListAsync(cancellationToken);
        var indexes = newest.Select(n => n.Index).ToList();
        var last = await db.Set<AuditEntry>().AsNoTracking()
            .Where(e => e.OrganizationId == actor.OrganizationId && indexes.Contains(e.Index)).ToListAsync(cancellationToken);
        var actors = (await OpenAsync(db, last, cancellationToken)).Select(v => (v.ActorId, v.ActorName)).OrderBy(a => a.ActorName, StringComparer.OrdinalIgnoreCase).ToList();
        return (actions, actors);
    }

    /// <summary>
    /// The newest entries of some actions about one member, for that member's own eyes: it asks for no right to read the log, so the caller has to have
    /// made sure whom it answers.
    /// </summary>
    internal async Task<IReadOnlyList<AuditView>> AboutMemberAsync(
        string organizationId, string memberId, IReadOnlyList<string> actions, DateTimeOffset from, int limit, CancellationToken cancellationToken)
    {
        await using var db = contexts.CreateDbContext();
        var entries = await db.Set<AuditEntry>().AsNoTracking()
            .Where(e => e.OrganizationId == organizationId && e.TargetId == memberId && e.At >= from && actions.Contains(e.Action))
            .OrderByDescending(e => e.Index).Take(limit).ToListAsync(cancellationToken);
        return await OpenAsync(db, entries, cancellationToken);
    }

    private static IQueryable<AuditEntry> Matching(KeyPortalDb db, string organizationId, AuditFilter filter)
    {
        var entries = db.Set<AuditEntry>().Where(e => e.OrganizationId == organizationId);
        entries = filter.ActorId is { } actorId ? entries.Where(e => e.ActorId == actorId) : entries;
        entries = filter.Action is { } action ? entries.Where(e => e.Action == action) : entries;
        entries = filter.TargetId is { } targetId ? entries.Where(e => e.TargetId == targetId) : entries;
        entries = filter.From is { } from ? entries.Where(e => e.At >= from) : entries;
        return filter.To is { } to ? entries.Where(e => e.At < to) : entries;
    }

    private static async Task<IReadOnlyList<AuditView>> OpenAsync(KeyPortalDb db, IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        if (entries.Count == 0)
        {
            return [];
        }

        var organizationId = entries[0].OrganizationId;
        // By number, not by range: the entries of a filtered page may lie a million apart.
        var indexes = entries.Select(e => e.Index).ToList();
        var openings = (await db.Set<AuditOpening>().AsNoTracking()
                .Where(o => o.OrganizationId == organizationId && indexes.Contains(o.Index))
                .ToListAsync(cancellationToken))
            .ToLookup(o => o.Index);
        return [.. entries.Select(e => View(e, openings[e.Index].ToDictionary(o => o.Pointer)))];
    }

    private static bool IsCommitment(string text) => text.Length == CommitmentLength && text.StartsWith("sha256:", StringComparison.Ordinal);

    private static AuditView View(AuditEntry entry, Dictionary<string, AuditOpening> openings)
    {
        var json = JsonNode.Parse(entry.Bytes)!.AsObject();
        string Text(string pointer, JsonNode? stored, bool personal = true)
        {
            var text = stored?.GetValue<string>() ?? "";
            // A key may be named like a commitment; only where a person's value can stand is it one.
            return !personal || !IsCommitment(text) ? text
                : !openings.TryGetValue(pointer, out var opening) ? Erased
                : AuditLog.Commitment(opening.Salt, opening.Value) == text ? opening.Value : Altered;
        }

        var details = json["details"]!.DeepClone().AsObject();
        foreach (var name in details.Where(d => d.Value is JsonValue v && v.TryGetValue<string>(out _)).Select(d => d.Key).ToList())
        {
            details[name] = Text($"/details/{name}", details[name]);
        }

        return new AuditView(
            entry.Index,
            entry.At,
            entry.ActorType,
            entry.ActorId,
            Text("/actor/name", json["actor"]!["name"], entry.ActorType == MemberType),
            entry.Action,
            entry.TargetType,
            entry.TargetId,
            Text("/target/name", json["target"]!["name"], AuditTarget.NamesAPerson(entry.TargetType)),
            entry.Outcome,
            json["ip"] is null ? null : Text("/ip", json["ip"]),
            json["user_agent"] is null ? null : Text("/user_agent", json["user_agent"]),
            json["request_id"]?.GetValue<string>(),
            details,
            System.Text.Encoding.UTF8.GetString(entry.Bytes));
    }
}
