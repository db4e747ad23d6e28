using System.Diagnostics;

namespace KeyPortal.Tests.Support;

/// <summary>Programs that tests run for real: the one on the PATH, else Debian's package (as root). Fails saying what to do; never skips.</summary>
internal static class DebianTool
{
    private static readonly Lock Installing = new();

    public static string Find(string program, string package)
    {
        lock (Installing)
        {
            return OnPath(program) ?? (Install(package) ? OnPath(program) : null)
                ?? throw new InvalidOperationException($"These tests run a real {program} and could not install it. Put it on the PATH (Debian: apt-get install {package}), then run them again.");
        }
    }

    private static string? OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin").Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static bool Install(string package) =>
        File.Exists("/usr/bin/apt-get") && Environment.UserName == "root" && Run("apt-get", "update", "-qq") && Run("apt-get", "install", "-y", "-qq", package);

    private static bool Run(string program, params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(program, words) { Environment = { ["DEBIAN_FRONTEND"] = "noninteractive" } })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
