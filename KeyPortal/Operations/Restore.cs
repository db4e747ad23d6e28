using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.Data.Sqlite;

namespace KeyPortal.Operations;

/// <summary>What a restore did: from when the backup is, where the replaced files are (null when there were none), and what it kept dead.</summary>
public sealed record Restored(DateTimeOffset BackedUpAt, string? Aside, IReadOnlyList<RevokedSince> CarriedOver, IReadOnlyList<RevokedSince> CameAlive, bool Compared);

/// <summary>
/// Puts a backup in the place of the instance's data, with no server running. Everything is made ready and proved in a folder beside before the first
/// file is moved. Keys revoked since the backup stay revoked unless the operator says otherwise.
/// </summary>
internal sealed class Restore(DataDirectory data, TimeProvider clock, Func<string, Revived, BackupManifest, Task> finishStaged)
{
    public const string AcceptOption = "--accept-revived-keys";
    private const string StagingPrefix = "restoring-";

    /// <param name="acceptRevived">Let keys that were revoked after the backup come alive again.</param>
    public async Task<Outcome<Restored>> RunAsync(string file, bool acceptRevived, CancellationToken cancellationToken = default)
    {
        data.Take();
        ClearStaging();
        var stamp = clock.Now().UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff'Z'");
        var staging = data.File(StagingPrefix + stamp);
        DataDirectory.CreateFolder(staging);
        try
        {
            var unpacked = await BackupArchive.UnpackAsync(Path.GetFullPath(file), staging, cancellationToken);
            if (!unpacked.Succeeded(out var manifest, out var refusal))
            {
                return refusal;
            }

            var present = Present();
            if (!Compare(present, staging, acceptRevived).Succeeded(out var revived, out refusal))
            {
                return refusal;
            }

            await finishStaged(staging, acceptRevived ? Revived.Nothing : revived, manifest);
            var aside = Swap(staging, manifest, stamp);
            return new Restored(manifest.CreatedAt, aside, acceptRevived ? [] : revived.Keys, acceptRevived ? revived.Keys : [], present is not null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException || StorageUnavailableException.From(e) is not null)
        {
            return Refusal.Conflict("restore_failed", $"The restore failed: {e.Message}");
        }
        finally
        {
            Directory.Delete(staging, recursive: true);
        }
    }

    /// <summary>A restore that was killed leaves its copy behind, with the pepper in it perhaps. Nothing else is in there: the replaced files are aside.</summary>
    private void ClearStaging()
    {
        foreach (var left in Directory.GetDirectories(data.Path, StagingPrefix + "*"))
        {
            Directory.Delete(left, recursive: true);
        }
    }

    /// <summary>The database that is replaced: this directory's, or that of the folder where an interrupted restore put it. Null when there is none.</summary>
    private string? Present()
    {
        var candidates = RestoreMarker.Find(data) is { } aside ? [Path.Combine(aside, BackupManifest.MainDatabase), data.MainDatabase] : (string[])[data.MainDatabase];
        return candidates.FirstOrDefault(path => File.Exists(path) && new FileInfo(path).Length > 0);
    }

    private static Outcome<Revived> Compare(string? present, string staging, bool acceptRevived)
    {
        if (present is null)
        {
            return Revived.Nothing;
        }

        try
        {
            return Revived.Find(present, Path.Combine(staging, BackupManifest.MainDatabase));
        }
        catch (SqliteException e)
        {
            return acceptRevived ? Revived.Nothing : Refusal.Conflict("cannot_compare",
                $"The present database cannot be read ({e.Message}), so nobody can tell which keys were revoked since the backup: they would work again. Nothing was changed; to go on all the same, add {AcceptOption}.");
        }
    }

    /// <summary>Moves the present files aside and the staged ones in. A marker stands meanwhile, so that no server starts on half of it.</summary>
    private string? Swap(string staging, BackupManifest manifest, string stamp)
    {
        var interrupted = RestoreMarker.Find(data);
        var aside = data.File($"replaced-{stamp}");
        RestoreMarker.Set(data, interrupted ?? aside);
        List<string> replaced = [.. Directory.GetFiles(data.Path, "keyportal.db*"), .. Directory.GetFiles(data.Path, "usage.db*")];
        if (manifest.Secrets)
        {
            replaced.AddRange(BackupManifest.SecretFiles(data));
            replaced.AddRange(Directory.GetFiles(data.ProtectionRing));
        }

        foreach (var path in replaced)
        {
            Move(path, Path.Combine(aside, Path.GetRelativePath(data.Path, path)));
        }

        foreach (var restored in manifest.Files)
        {
            Move(Path.Combine(staging, restored.Name), data.File(restored.Name));
        }

        RestoreMarker.Clear(data);
        // After an interrupted restore the instance's own files are in the first folder; the second has only what the first restore had put in place.
        return interrupted ?? (Directory.Exists(aside) ? aside : null);
    }

    private static void Move(string from, string to)
    {
        if (new FileInfo(from).Length == 0)
        {
            File.Delete(from);
            return;
        }

        DataDirectory.CreateFolder(Path.GetDirectoryName(to)!);
        File.Move(from, to);
    }
}
