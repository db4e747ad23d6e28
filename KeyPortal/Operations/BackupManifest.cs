using System.Security.Cryptography;
using System.Text.Json;
using KeyPortal.Storage;

namespace KeyPortal.Operations;

/// <summary>One file in a backup. <paramref name="Sha256"/> is lower-case hex.</summary>
internal sealed record BackupFile(string Name, long Size, string Sha256)
{
    public static async Task<BackupFile> OfAsync(string name, string path, CancellationToken cancellationToken)
    {
        await using var content = File.OpenRead(path);
        return new BackupFile(name, content.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken)));
    }
}

/// <summary>How many entries an organization's audit log had.</summary>
internal sealed record BackedUpLog(string OrganizationId, long Size);

/// <summary><c>manifest.json</c>, the last entry of a backup's zip file: what is in it, and from when.</summary>
internal sealed record BackupManifest(string Format, string KeyportalVersion, DateTimeOffset CreatedAt, bool Secrets, IReadOnlyList<BackupFile> Files, IReadOnlyList<BackedUpLog> AuditLogs)
{
    public const string EntryName = "manifest.json";
    public const string CurrentFormat = "keyportal-backup/1";
    public const string MainDatabase = "keyportal.db";
    public const string UsageDatabase = "usage.db";
    public const string RingPrefix = "protection/";

    /// <summary>How the names of the server's own secrets begin that lie beside the databases.</summary>
    private static readonly string[] SecretPrefixes = ["pepper-", "signing-key-"];

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Null when these bytes are no manifest of a form this program reads.</summary>
    public static BackupManifest? TryRead(byte[] bytes)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize<BackupManifest>(bytes, Json);
            return manifest is { Format: CurrentFormat, Files: not null, AuditLogs: not null } ? manifest : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The server's own secrets that lie beside the databases.</summary>
    public static IEnumerable<string> SecretFiles(DataDirectory data) => SecretPrefixes.SelectMany(prefix => Directory.GetFiles(data.Path, prefix + "*"));

    /// <summary>May this backup hold this file? A name is never a path out of the folder it is unpacked into, and secrets are in a backup that says so.</summary>
    public bool MayHold(BackupFile? file) =>
        file is { Name: not null, Sha256: not null, Size: >= 0 } && IsKnown(file.Name) && (Secrets || file.Name is MainDatabase or UsageDatabase);

    private static bool IsKnown(string name)
    {
        var plain = name.StartsWith(RingPrefix, StringComparison.Ordinal) ? name[RingPrefix.Length..] : name;
        return plain.Length > 0 && plain == Path.GetFileName(plain) && !plain.StartsWith('.')
            && (name is MainDatabase or UsageDatabase || plain != name || SecretPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));
    }
}
