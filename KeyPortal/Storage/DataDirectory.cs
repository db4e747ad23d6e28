using KeyPortal.Primitives;

namespace KeyPortal.Storage;

/// <summary>
/// Where an instance keeps everything: two databases, and the server's own secrets. The folder is 0700 and its files are 0600: whoever can read the
/// protection ring can make a cookie for anyone.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    private const string Setting = "KeyPortal:DataDirectory";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private FileStream? _lock;

    /// <exception cref="StartupException">The folder cannot be made or written.</exception>
    public DataDirectory(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        try
        {
            Prepare();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{Setting}: the data directory {Path} cannot be used: {e.Message}", e);
        }
    }

    public string Path { get; }

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

    /// <summary>Takes the folder for this process until it is disposed; false when another has it. The server takes it, and the verbs that need it stopped.</summary>
    public bool TryTake()
    {
        if (_lock is not null)
        {
            return true;
        }

        try
        {
            _lock = OpenOwnerOnly(File("lock"), FileMode.OpenOrCreate, FileShare.None);
            return true;
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException))
        {
            return false;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StartupException($"{Setting}: this account may not write in the data directory {Path}.", e);
        }
    }

    /// <exception cref="StartupException">Another process has the folder.</exception>
    public void Take()
    {
        if (!TryTake())
        {
            throw new StartupException($"The data directory {Path} is in use by another KeyPortal process. Stop it first.");
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

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Path);
        }
        else
        {
            Directory.CreateDirectory(Path, OwnerOnly | UnixFileMode.UserExecute);
            Directory.CreateDirectory(ProtectionRing, OwnerOnly | UnixFileMode.UserExecute);
        }

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
