using System.Diagnostics;
using Microsoft.Playwright;

namespace KeyPortal.E2E.Support;

/// <summary>
/// Finds a Chromium: the one on the PATH, else Debian's package (as root), else Playwright's own download. Fails saying what to do; never skips.
/// </summary>
public static class Chromium
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    // No background traffic: a test machine may have no network, and each refused connection costs time.
    private static readonly string[] Switches =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    public static async Task<IBrowser> LaunchAsync(IPlaywright playwright)
    {
        var path = OnPath() ?? (InstallDebianPackage() ? OnPath() : null);
        if (path is null && Microsoft.Playwright.Program.Main(["install", "chromium"]) != 0)
        {
            throw new InvalidOperationException(
                "The browser tests need Chromium and could not install it. Put 'chromium' on the PATH (Debian: apt-get install chromium) or run 'playwright install chromium', then run the tests again.");
        }

        return await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = path, Args = Switches });
    }

    private static string? OnPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => Names.Select(name => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name)))
            .FirstOrDefault(File.Exists);

    private static bool InstallDebianPackage() =>
        OperatingSystem.IsLinux() && File.Exists("/usr/bin/apt-get") && Environment.UserName == "root"
        && Run("apt-get", "update", "-qq") && Run("apt-get", "install", "-y", "-qq", "chromium");

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { Environment = { ["DEBIAN_FRONTEND"] = "noninteractive" } })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
