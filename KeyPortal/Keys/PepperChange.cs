using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys;

/// <summary>
/// Adds a pepper and drops an old one, with the server stopped: it reads them at start. Both are written to the instance's log.
/// </summary>
public sealed class PepperChange(Peppers peppers, PepperFiles files, IDbContextFactory<KeyPortalDb> contexts, Writer writer)
{
    /// <summary>A new pepper, under which secrets are indexed from the next start on; its id.</summary>
    public async Task<Outcome<string>> AddAsync(CancellationToken cancellationToken = default)
    {
        using var made = files.Prepare();
        if (await RecordAsync("pepper.added", made, new JsonObject { ["before"] = peppers.Current.Id }, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        files.Finish(made);
        return made.Id;
    }

    /// <summary>
    /// Deletes an older pepper; how many secrets were still indexed under it. Refuses the current one, an unknown one, and one that is still needed unless
    /// <paramref name="force"/>d: no key is lost then, but each such secret is found slowly at its next use.
    /// </summary>
    public async Task<Outcome<int>> RetireAsync(string id, bool force, CancellationToken cancellationToken = default)
    {
        if (peppers.All.FirstOrDefault(p => p.Id == id) is not { } pepper)
        {
            return Refusal.Conflict("no_pepper", $"There is no pepper {id}. There {(peppers.All.Count == 1 ? "is" : "are")} {string.Join(", ", peppers.All.Select(p => p.Id))}; the first is the current one.");
        }

        if (pepper == peppers.Current)
        {
            return Refusal.Conflict("current_pepper", $"{id} is the current pepper. Add another one first.");
        }

        await using var db = contexts.CreateDbContext();
        var indexed = await db.Set<KeySecret>().CountAsync(s => s.PepperId == id, cancellationToken);
        if (indexed > 0 && !force)
        {
            return Refusal.Conflict("pepper_in_use",
                $"{indexed:N0} {(indexed == 1 ? "secret is" : "secrets are")} still indexed under {id}. Without it each is found by its start and checked slowly once, at its next use. To retire it all the same, add --force.");
        }

        if (await RecordAsync("pepper.retired", pepper, new JsonObject { ["secrets_indexed"] = indexed }, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        files.Delete(pepper);
        return indexed;
    }

    private async Task<Refusal?> RecordAsync(string action, Pepper pepper, JsonObject details, CancellationToken cancellationToken) =>
        (await writer.RunAsync<bool>(async write =>
        {
            await AuditLog.AppendAsync(write, Actor.System(AuditLog.Instance), new AuditRecord(action, new AuditTarget("pepper", pepper.Id, pepper.Id)) { Details = details }, cancellationToken);
            return true;
        }, cancellationToken)).Refusal;
}
