using System.Diagnostics;

namespace KeyPortal.Bench;

/// <summary>The portal as it is delivered: published in Release, from this repository.</summary>
internal static class PublishedPortal
{
    /// <summary>Publishes into <paramref name="folder"/> and returns the program's assembly.</summary>
    public static async Task<string> PublishAsync(string folder)
    {
        var project = Path.Combine(Root(AppContext.BaseDirectory), "KeyPortal");
        var start = new ProcessStartInfo("dotnet", ["publish", project, "-c", "Release", "-o", folder, "-v", "quiet", "--nologo"]) { RedirectStandardOutput = true, UseShellExecute = false };
        using var publish = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        var output = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        return publish.ExitCode == 0 ? Path.Combine(folder, "KeyPortal.dll") : throw new InvalidOperationException($"The portal does not publish:\n{output}");
    }

    private static string Root(string folder) =>
        File.Exists(Path.Combine(folder, "KeyPortal.sln")) ? folder
        : Root(Path.GetDirectoryName(folder.TrimEnd('/', '\\')) ?? throw new InvalidOperationException("Run this from the repository: no KeyPortal.sln above it."));
}
