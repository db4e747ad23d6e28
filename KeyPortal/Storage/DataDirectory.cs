
namespace KeyPortal.Storage;

/// <summary>Where an instance keeps everything: two databases, and the server's own secrets as files of mode 0600. The folder itself is 0700.</summary>
public sealed class DataDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public DataDirectory(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Path);
        }
        else
        {
            Directory.CreateDirectory(Path, OwnerOnly | UnixFileMode.UserExecute);
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
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using var file = new FileStream(path, options);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    /// <summary>
    /// Takes the folder for this process until the result is disposed; null when another process has it. Held by the server and by the verbs
    /// that need it stopped.
    /// </summary>
    public FileStream? TryTake()
    {
        try
        {
            return new FileStream(File("lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
