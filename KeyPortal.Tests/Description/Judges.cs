using System.Diagnostics;
using System.Security.Cryptography;
using KeyPortal.Tests.Architecture;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Description;

/// <summary>
/// Node programs that judge the description of the API: linters, a generator of clients, a client that knows nothing else. They are installed from
/// <c>judges/package-lock.json</c> on first use, into a folder beside the other temporary ones that later runs find again.
/// </summary>
internal static class Judges
{
    private static readonly Lazy<Task<string>> Installed = new(InstallAsync);

    /// <summary>A fresh folder with the judges' own files in it, and their packages in reach.</summary>
    public static async Task<string> GatherAsync()
    {
        var packages = Path.Combine(await Installed.Value, "node_modules");
        var folder = Directory.CreateTempSubdirectory("keyportal-judging-").FullName;
        foreach (var file in Directory.EnumerateFiles(Source))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        Directory.CreateSymbolicLink(Path.Combine(folder, "node_modules"), packages);
        return folder;
    }

    /// <summary>Runs one of the judges' own scripts, or the program of one of their packages; all that it said.</summary>
    public static async Task<(int ExitCode, string Said)> RunAsync(string folder, string[] words, params (string Name, string Value)[] environment) =>
        await RunAsync(DebianTool.Find("node", "nodejs"), folder, words, environment);

    private static string Source => Path.Combine(SourceTree.Root, "KeyPortal.Tests", "Description", "judges");

    private static async Task<string> InstallAsync()
    {
        var node = DebianTool.Find("node", "nodejs");
        var npm = DebianTool.Find("npm", "npm");
        string[] files = ["package.json", "package-lock.json", ".npmrc"];
        var contents = files.SelectMany(file => File.ReadAllBytes(Path.Combine(Source, file))).ToArray();
        var folder = Path.Combine(Path.GetTempPath(), $"keyportal-judges-{Environment.UserName}-{Convert.ToHexStringLower(SHA256.HashData(contents))[..16]}");
        if (Directory.Exists(folder))
        {
            return folder;
        }

        var fresh = Directory.CreateTempSubdirectory("keyportal-judges-").FullName;
        foreach (var file in files)
        {
            File.Copy(Path.Combine(Source, file), Path.Combine(fresh, file));
        }

        var (exitCode, said) = await RunAsync(npm, fresh, ["ci"], ("PATH", Path.GetDirectoryName(node) + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH")));
        exitCode.ShouldBe(0, $"The judges of the API's description come from npm, and 'npm ci' in {Source} failed. Is an npm registry in reach? It said:\n{said}");
        try
        {
            // All of it or nothing: a run beside this one may be about to do the same.
            Directory.Move(fresh, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            Directory.Delete(fresh, recursive: true);
        }

        return folder;
    }

    private static async Task<(int ExitCode, string Said)> RunAsync(string program, string folder, string[] words, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, words) { UseShellExecute = false, WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (stdout, stderr) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await stdout + await stderr);
    }
}
