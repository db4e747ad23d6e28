using KeyPortal.Primitives;

namespace KeyPortal.Storage;

/// <summary>
/// Where an instance keeps everything: two databases, and the server's own secrets. The folder is 0700 and its files are 0600: whoever can read the
/// protection ring can make a cookie for anyone.
/// </summary>
public sealed class DataDirectory(string path) : IDisposable
{
    private const string Setting = "KeyPortal:DataDirectory";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private FileStream? _lock;

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Keys, accounts, organizations, audit.</summary>
    public string MainDatabase => File("keyportal.db");

    /// <summary>Usage alone.</summary>
    public string UsageDatabase => File("usage.db");

    /// <summary>The data-protection ring: what signs and encrypts cookies.</summary>
    public string ProtectionRing => File("protection");

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a new secret file that only this account can read; throws when it exists.</summary>
    public static void WriteSecret(string path, ReadOnlySpan<byte> content)
    {
        using var file = OpenOwnerOnly(path, FileMode.CreateNew, FileShare.None);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Opens a file that, if this call makes it, only this account can read.</summary>
    public static FileStream OpenOwnerOnly(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(path, options);
    }

    /// <summary>Makes a folder that only this account can enter; one that exists stays as it is.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    /// <summary>
    /// Makes the folder where there is none and takes it for this process until disposed. The server takes it, and the verbs that need the server stopped.
    /// </summary>
    /// <exception cref="StartupException">The folder cannot be made or written, or another process has it.</exception>
    public void Take()
    {
        try
        {
            Prepare();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{Setting}: the data directory {Path} cannot be used: {e.Message}", e);
        }

        try
        {
            _lock ??= OpenOwnerOnly(File("lock"), FileMode.OpenOrCreate, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StartupException($"{Setting}: this account may not write in the data directory {Path}.", e);
        }
        catch (IOException e)
        {
            throw new StartupException($"The data directory {Path} is in use by another KeyPortal process. Stop it first.", e);
        }
    }

    public void Dispose() => _lock?.Dispose();

    private void Prepare()
    {
        if (!Directory.Exists(System.IO.Path.GetDirectoryName(Path) ?? Path))
        {
            // A volume that is not mounted must not become a fresh, empty instance.
            throw new DirectoryNotFoundException("the folder it should lie in does not exist.");
        }

        CreateFolder(Path);
        CreateFolder(ProtectionRing);
        // Made here and not by SQLite, which would leave them readable by all; its -wal and -shm files then take the same mode.
        foreach (var database in (string[])[MainDatabase, UsageDatabase])
        {
            if (!System.IO.File.Exists(database))
            {
                OpenOwnerOnly(database, FileMode.CreateNew, FileShare.ReadWrite).Dispose();
            }
        }
    }
}
