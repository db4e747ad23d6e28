using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Keys.Policies;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys.Imports;

/// <summary>
/// Takes over keys that another system made, from their hashes: whoever holds such a key goes on using it and notices nothing. The first valid use indexes it.
/// </summary>
public sealed class KeyImport(
    Writer writer, IDbContextFactory<KeyPortalDb> contexts, PermissionGate gate, KeyManagement management, ApprovalRequests approvals, FastHashes fastHashes, Argon2id argon2id, TimeProvider clock)
{
    public const int MaxItems = 1000;

    /// <summary>How many keys are written at a time. What is tracked is gone through with each entry, so that more at once take longer each.</summary>
    private const int Batch = 50;

    /// <summary>
    /// Makes a key of each item that breaks no rule, owned by the actor's member, in one transaction; an answer per item, in their order. The policy's bound on
    /// keys a member does not stop it. Importing the same again changes nothing: each item is refused as <c>duplicate</c>.
    /// Refuses as a whole: not allowed, <c>key_management_disabled</c>, none or too many items.
    /// </summary>
    [Needs(Act.ImportKeys)]
    public async Task<Outcome<IReadOnlyList<ImportAnswer>>> ImportAsync(Actor actor, IReadOnlyList<ImportItem> items, CancellationToken cancellationToken = default)
    {
        if (await RefuseAsync(actor, items, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var done = await writer.RunAsync<List<ImportDraft>>(async write =>
        {
            if (await RightsOfNow.RefuseAsync(write, actor, Act.ImportKeys, actor.MemberId, cancellationToken) is { } late)
            {
                return late;
            }

            var drafts = await DraftAsync(write.Db, actor, write.Now, items, cancellationToken);
            await WriteAsync(write, actor, drafts, cancellationToken);
            return drafts;
        }, cancellationToken);
        if (!done.Succeeded(out var made, out var refused))
        {
            return await gate.RecordAsync(actor, Act.ImportKeys, AuditTarget.Organization(actor.OrganizationId, ""), refused, cancellationToken);
        }

        if (made.Find(d => d.Refusal is { Kind: RefusalKind.NotAllowed })?.Refusal is { } forbidden)
        {
            await gate.RecordAsync(actor, Act.ImportKeys, AuditTarget.Organization(actor.OrganizationId, ""), forbidden, cancellationToken);
        }

        return Answers(made, isWritten: true);
    }

    /// <summary>What an import of these items would do now: the same answers, and nothing written.</summary>
    [Needs(Act.ImportKeys)]
    public async Task<Outcome<IReadOnlyList<ImportAnswer>>> PreviewAsync(Actor actor, IReadOnlyList<ImportItem> items, CancellationToken cancellationToken = default)
    {
        if (await RefuseAsync(actor, items, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var db = contexts.CreateDbContext();
        return Answers(await DraftAsync(db, actor, clock.Now(), items, cancellationToken), isWritten: false);
    }

    private async Task<Refusal?> RefuseAsync(Actor actor, IReadOnlyList<ImportItem> items, CancellationToken cancellationToken) =>
        await gate.RefuseAsync(actor, Act.ImportKeys, cancellationToken)
        ?? await management.RefuseAsync()
        ?? (items.Count is 0 or > MaxItems ? Refusal.Invalid("/keys", $"An import takes 1 to {MaxItems:N0} keys; this has {items.Count:N0}.") : null);

    private Task<List<ImportDraft>> DraftAsync(KeyPortalDb db, Actor actor, DateTimeOffset now, IReadOnlyList<ImportItem> items, CancellationToken cancellationToken) =>
        new ImportDrafts(db, actor, now, fastHashes, argon2id).MakeAsync(items, cancellationToken);

    private async Task WriteAsync(WriteTransaction write, Actor actor, List<ImportDraft> drafts, CancellationToken cancellationToken)
    {
        var imported = drafts.Where(d => d.Refusal is null).ToList();
        if (imported.Count == 0)
        {
            return;
        }

        var asked = false;
        foreach (var some in imported.Chunk(Batch))
        {
            foreach (var (_, key, secret, _) in some)
            {
                write.Set<ApiKey>().Add(key!);
                write.Set<KeySecret>().Add(secret!);
                await AuditLog.AppendAsync(write, actor, new AuditRecord("key.imported", AuditTarget.Key(key!.Id, key.Name)) { Details = Describe(key, secret!) }, cancellationToken);
                // A thousand waiting keys are one matter: one mail leads to the page that lists them.
                await approvals.AskAsync(write, actor, key, withMail: !asked, cancellationToken);
                asked |= key.IsPending;
            }

            await write.Db.SaveChangesAsync(cancellationToken);
            write.Db.ChangeTracker.Clear();
        }

        write.Announce(new KeysImported());
        await AuditLog.AppendAsync(write, actor, new AuditRecord("keys.imported", AuditTarget.Organization(actor.OrganizationId, ""))
        {
            Details = new JsonObject { ["imported"] = imported.Count, ["refused"] = drafts.Count - imported.Count },
        }, cancellationToken);
    }

    private static JsonObject Describe(ApiKey key, KeySecret secret)
    {
        var details = KeyIssuance.Describe(key);
        details["hash_algorithm"] = SnakeCase.Of(secret.VerifierScheme);
        return details;
    }

    private static List<ImportAnswer> Answers(List<ImportDraft> drafts, bool isWritten) =>
        [.. drafts.Select((draft, i) => new ImportAnswer(i, draft.Item.Input.Name ?? "", isWritten ? draft.Key?.Id : null, draft.Refusal))];
}
