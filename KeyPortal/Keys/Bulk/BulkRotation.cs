using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Keys.Bulk;

/// <summary>One key of a bulk rotation: a new secret, or the key's record alone where this very call had rotated it before, or why not.</summary>
public sealed record BulkRotated(string Id, IssuedKey? Issued, KeyView? Before, Refusal? Refusal);

/// <summary>Gives many keys new secrets. Each is a rotation of its own: one that cannot be rotated now leaves the others alone.</summary>
public sealed class BulkRotation(KeyBulk bulk, KeyRotation rotation, KeyQueries queries, Writer writer, IDbContextFactory<KeyPortalDb> contexts, TimeProvider clock)
{
    /// <summary>Every secret costs a slow hash, and the answer holds them all.</summary>
    public const int Most = 100;

    /// <param name="once">Where the call is to be done once: each key is noted for itself, so that a repeat goes on where the first was cut short.</param>
    [Needs(Act.ChangeKeys)]
    public async Task<Outcome<IReadOnlyList<BulkRotated>>> RotateAsync(
        Actor actor, BulkSelection selection, int confirmed, RotationInput input, OnceOnly? once = null, BulkWatch? watch = null, CancellationToken cancellationToken = default)
    {
        if (confirmed > Most)
        {
            return Refusal.Invalid("/confirm_count", $"Up to {Most} keys can be rotated at once; their secrets have to reach somebody.");
        }

        if (input.Check() is { } broken)
        {
            return broken;
        }

        var found = await bulk.FindAsync(actor, BulkAction.Rotate, selection, confirmed, cancellationToken);
        if (!found.Succeeded(out var ids, out var refusal))
        {
            return refusal;
        }

        List<BulkRotated> rotated = [];
        Refusal? over = null;
        foreach (var id in ids)
        {
            if (watch is { IsStopped: false })
            {
                watch.Tell(rotated.Count);
            }

            over ??= watch is { IsStopped: true } ? BulkWatch.Stopped : null;
            try
            {
                rotated.Add(over is null ? await RotateAsync(actor, id, input, once, cancellationToken) : new BulkRotated(id, null, null, over));
            }
            catch (Exception e) when (rotated.Exists(r => r.Issued is not null) && StorageUnavailableException.From(e) is { } outage)
            {
                // The exception would take the secrets with it that were made until now.
                over = Refusal.Conflict("storage_unavailable", outage.Message);
                rotated.Add(new BulkRotated(id, null, null, over));
            }
        }

        if (over is null)
        {
            await NoteAsync(once, cancellationToken);
        }

        return rotated;
    }

    private async Task<BulkRotated> RotateAsync(Actor actor, string id, RotationInput input, OnceOnly? once, CancellationToken cancellationToken)
    {
        var own = once is null ? null : once with { Path = $"{once.Path}/{id}" };
        if (own is not null && await IsDoneAsync(own, cancellationToken))
        {
            var known = await queries.FindAsync(actor, id, cancellationToken);
            return new BulkRotated(id, null, known.Refusal is null ? known.Value : null, known.Refusal);
        }

        var issued = await rotation.RotateAsync(actor, id, input, new CallTerms { Once = own }, cancellationToken);
        return new BulkRotated(id, issued.Refusal is null ? issued.Value : null, null, issued.Refusal);
    }

    private async Task NoteAsync(OnceOnly? once, CancellationToken cancellationToken)
    {
        if (once is not null && !await IsDoneAsync(once, cancellationToken))
        {
            await writer.RunAsync<bool>(async write =>
            {
                await once.DoneAsync(write, "", cancellationToken);
                return true;
            }, cancellationToken);
        }
    }

    private async Task<bool> IsDoneAsync(OnceOnly once, CancellationToken cancellationToken)
    {
        await using var db = contexts.CreateDbContext();
        return await once.FindAsync(db, clock.Now(), cancellationToken) is not null;
    }
}
