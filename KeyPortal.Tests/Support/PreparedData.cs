using KeyPortal.Storage;

namespace KeyPortal.Tests.Support;

/// <summary>A stopped instance's directory that several tests begin from: made once by real processes, then copied, which takes no start.</summary>
public sealed class PreparedData<T>(Func<string, Task<T>> makeIn)
{
    private readonly Lazy<Task<(string Data, T Made)>> _original = new(async () =>
    {
        var data = PortalProcess.NewDataDirectory();
        return (data, await makeIn(data));
    });

    /// <summary>Copies the directory, and what was put beside it, to <paramref name="dataDirectory"/>; what the making returned.</summary>
    public async Task<T> CopyAsync(string dataDirectory)
    {
        var (data, made) = await _original.Value;
        var (from, to) = (Path.GetDirectoryName(data)!, Path.GetDirectoryName(dataDirectory)!);
        foreach (var folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
        {
            DataDirectory.CreateFolder(Path.Combine(to, Path.GetRelativePath(from, folder)));
        }

        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }

        return made;
    }
}
