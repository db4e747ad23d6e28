using System.IO.Compression;
using KeyPortal.Primitives;
using KeyPortal.Storage;

namespace KeyPortal.Operations;

/// <summary>Unpacks a backup into a folder of its own and proves it whole before anything else is touched.</summary>
internal static class BackupArchive
{
    private static readonly Refusal NoBackup = Refusal.Conflict("no_backup", "This file is no KeyPortal backup. Nothing was changed.");

    public static async Task<Outcome<BackupManifest>> UnpackAsync(string file, string folder, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
        {
            return Refusal.Conflict("no_backup", $"There is no file {file}. Nothing was changed.");
        }

        try
        {
            await using var archive = await ZipFile.OpenReadAsync(file, cancellationToken);
            if (await ManifestOfAsync(archive, cancellationToken) is not { } manifest)
            {
                return NoBackup;
            }

            foreach (var expected in manifest.Files)
            {
                if (!await UnpackAsync(archive, expected, folder, cancellationToken))
                {
                    return Damaged($"{expected.Name} is missing or not what was backed up");
                }
            }

            return Check(manifest, folder) is { } damage ? damage : manifest;
        }
        catch (InvalidDataException)
        {
            return NoBackup;
        }
    }

    private static Refusal? Check(BackupManifest manifest, string folder)
    {
        foreach (var database in (string[])[BackupManifest.MainDatabase, BackupManifest.UsageDatabase])
        {
            if (!manifest.Files.Any(f => f.Name == database))
            {
                return NoBackup;
            }

            if (StoredLogs.Damage(Path.Combine(folder, database)) is { } damage)
            {
                return Damaged($"{database}: {damage}");
            }
        }

        return null;
    }

    private static Refusal Damaged(string how) => Refusal.Conflict("damaged_backup", $"This backup is damaged: {how}. Nothing was changed.");

    private static async Task<BackupManifest?> ManifestOfAsync(ZipArchive archive, CancellationToken cancellationToken)
    {
        if (archive.GetEntry(BackupManifest.EntryName) is not { Length: < 64 << 20 } entry)
        {
            return null;
        }

        await using var content = await entry.OpenAsync(cancellationToken);
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellationToken);
        var manifest = BackupManifest.TryRead(bytes.ToArray());
        return manifest is not null && manifest.Files.All(manifest.MayHold) && manifest.Files.DistinctBy(f => f.Name).Count() == manifest.Files.Count ? manifest : null;
    }

    private static async Task<bool> UnpackAsync(ZipArchive archive, BackupFile expected, string folder, CancellationToken cancellationToken)
    {
        if (archive.GetEntry(expected.Name) is not { } entry || entry.Length != expected.Size)
        {
            return false;
        }

        var path = Path.Combine(folder, expected.Name);
        DataDirectory.CreateFolder(Path.GetDirectoryName(path)!);
        await using (var content = await entry.OpenAsync(cancellationToken))
        await using (var target = DataDirectory.OpenOwnerOnly(path, FileMode.CreateNew, FileShare.None))
        {
            // A crafted file may hold more than it says: the copy ends at what the manifest promised, and the hash then tells.
            await CopyAtMostAsync(content, target, expected.Size, cancellationToken);
            target.Flush(flushToDisk: true);
        }

        return await BackupFile.OfAsync(expected.Name, path, cancellationToken) == expected;
    }

    private static async Task CopyAtMostAsync(Stream source, Stream target, long most, CancellationToken cancellationToken)
    {
        var buffer = new byte[81_920];
        for (int read; most > 0 && (read = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(most, buffer.Length)), cancellationToken)) > 0; most -= read)
        {
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }
}
