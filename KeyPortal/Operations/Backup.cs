using System.IO.Compression;
using System.Reflection;
using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace KeyPortal.Operations;

/// <summary>
/// Copies an instance into one zip file while it runs. Each database is copied in one read transaction (<c>VACUUM INTO</c>), so that the copy is a
/// state that was; it also leaves behind what was deleted, such as an erased person's name.
/// </summary>
public sealed class Backup(DataDirectory data, IDbContextFactory<KeyPortalDb> contexts, IDbContextFactory<UsageDb> usage, Writer writer, TimeProvider clock)
{
    /// <summary>
    /// Writes <paramref name="file"/>, mode 0600, whole or not at all. Refuses: it exists, its folder does not, another backup to it is under way or
    /// was interrupted, there is no instance here.
    /// </summary>
    public async Task<Outcome<long>> CreateAsync(string file, bool withSecrets, CancellationToken cancellationToken = default)
    {
        file = Path.GetFullPath(file);
        var staging = file + ".partial";
        if (Refuse(file, staging) is { } refusal)
        {
            return refusal;
        }

        try
        {
            if (await IsOlderAsync(cancellationToken))
            {
                return Refusal.Conflict("other_version", "The instance was last run by an older KeyPortal. Back it up with that one, or start the server of this one first.");
            }

            DataDirectory.CreateFolder(staging);
            var zip = Path.Combine(staging, "zip");
            await WriteAsync(zip, staging, withSecrets, cancellationToken);
            await RecordAsync(file, withSecrets, cancellationToken);
            File.Move(zip, file, overwrite: false);
            return new FileInfo(file).Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException || StorageUnavailableException.From(e) is not null)
        {
            return Refusal.Conflict("backup_failed", $"No backup was made: {StorageUnavailableException.From(e)?.Message ?? e.Message}");
        }
        finally
        {
            if (Directory.Exists(staging))
            {
                Directory.Delete(staging, recursive: true);
            }
        }
    }

    private Refusal? Refuse(string file, string staging)
    {
        if (File.Exists(file) || Directory.Exists(file))
        {
            return Refusal.Conflict("backup_exists", $"{file} exists already. A backup never overwrites: choose another name.");
        }

        if (!Directory.Exists(Path.GetDirectoryName(file)))
        {
            return Refusal.Conflict("no_folder", $"The folder of {file} does not exist.");
        }

        if (Path.Exists(staging))
        {
            return Refusal.Conflict("backup_under_way", $"{staging} exists: a backup to this file is under way, or one was interrupted. If it was, delete that folder.");
        }

        return !File.Exists(data.MainDatabase) || new FileInfo(data.MainDatabase).Length == 0
            ? Refusal.Conflict("no_instance", $"There is no instance in {data.Path}.")
            : null;
    }

    private async Task<bool> IsOlderAsync(CancellationToken cancellationToken)
    {
        await using var db = contexts.CreateDbContext();
        return (await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any();
    }

    private async Task WriteAsync(string zip, string staging, bool withSecrets, CancellationToken cancellationToken)
    {
        var createdAt = clock.Now();
        var main = Path.Combine(staging, BackupManifest.MainDatabase);
        var counts = Path.Combine(staging, BackupManifest.UsageDatabase);
        await CopyAsync(contexts.CreateDbContext(), main, cancellationToken);
        await CopyAsync(usage.CreateDbContext(), counts, cancellationToken);
        List<(string Name, string Path)> content = [(BackupManifest.MainDatabase, main), (BackupManifest.UsageDatabase, counts)];
        if (withSecrets)
        {
            content.AddRange(BackupManifest.SecretFiles(data).Select(path => (Path.GetFileName(path), path)));
            content.AddRange(Directory.GetFiles(data.ProtectionRing, "*.xml").Select(path => (BackupManifest.RingPrefix + Path.GetFileName(path), path)));
        }

        List<BackupFile> files = [];
        await using var target = DataDirectory.OpenOwnerOnly(zip, FileMode.CreateNew, FileShare.None);
        await using (var archive = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, path) in content)
            {
                files.Add(await BackupFile.OfAsync(name, path, cancellationToken));
                await archive.CreateEntryFromFileAsync(path, name, CompressionLevel.Fastest, cancellationToken);
            }

            var version = typeof(Backup).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
            var manifest = new BackupManifest(BackupManifest.CurrentFormat, version, createdAt, withSecrets, files, StoredLogs.Read(main));
            await using var entry = await archive.CreateEntry(BackupManifest.EntryName).OpenAsync(cancellationToken);
            await entry.WriteAsync(manifest.ToBytes(), cancellationToken);
        }

        target.Flush(flushToDisk: true);
    }

    private static async Task CopyAsync(DbContext source, string target, CancellationToken cancellationToken)
    {
        await using (source)
        {
            // Made first so that it is 0600; SQLite accepts an empty file.
            await DataDirectory.OpenOwnerOnly(target, FileMode.CreateNew, FileShare.ReadWrite).DisposeAsync();
            source.Database.SetCommandTimeout(TimeSpan.FromHours(1));
            await source.Database.ExecuteSqlAsync($"VACUUM INTO {target}", cancellationToken);
        }
    }

    private async Task RecordAsync(string file, bool withSecrets, CancellationToken cancellationToken) =>
        await writer.RunAsync<bool>(async write =>
        {
            await AuditLog.AppendAsync(write, Actor.System(AuditLog.Instance), new AuditRecord("backup.created", new AuditTarget("backup", Path.GetFileName(file), Path.GetFileName(file)))
            {
                Details = new JsonObject { ["secrets"] = withSecrets },
            }, cancellationToken);
            return true;
        }, cancellationToken);
}
