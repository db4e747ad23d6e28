using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;

namespace KeyPortal.Tests.Support;

/// <summary>
/// The built program as a child process, on real files: for what only a process shows, such as being killed. A verb runs to its end with
/// <see cref="RunAsync"/>; a server is started, and stopped or killed.
/// </summary>
public sealed class PortalProcess : IAsyncDisposable
{
    public const string Email = "alice@acme.example";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private PortalProcess(Process process, Uri address)
    {
        _process = process;
        Client = new HttpClient { BaseAddress = address, Timeout = Patience };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public HttpClient Client { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Everything it has written to stdout and stderr so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts a server and waits until it answers.</summary>
    public static Task<PortalProcess> ServeAsync(string dataDirectory, params (string Name, string Value)[] environment) =>
        ServeAsync(dataDirectory, [], environment);

    /// <summary>The same with more words on its command line.</summary>
    public static async Task<PortalProcess> ServeAsync(string dataDirectory, string[] words, params (string Name, string Value)[] environment)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Find()}");
        var portal = new PortalProcess(Start(dataDirectory, environment, [$"--urls={address}", .. words]), address);
        var began = Stopwatch.StartNew();
        while (true)
        {
            if (portal.HasExited || began.Elapsed > Patience)
            {
                await portal.DisposeAsync();
                throw new InvalidOperationException("The server did not start:\n" + portal.Output);
            }

            try
            {
                using var answer = await portal.Client.GetAsync("/healthz/live");
                // Answering and having greeted are two things: tests read both.
                if (answer.StatusCode == HttpStatusCode.OK && portal.Output.Contains("is ready on", StringComparison.Ordinal))
                {
                    return portal;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(25);
        }
    }

    /// <summary>Runs a verb to its end.</summary>
    public static async Task<(int ExitCode, string Stdout, string Stderr)> RunAsync(
        string dataDirectory, string[] words, string input = "", params (string Name, string Value)[] environment)
    {
        using var process = Start(dataDirectory, environment, words);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var (stdout, stderr) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await stdout, await stderr);
    }

    /// <summary>Sets an empty directory up with the verb, and returns what it printed.</summary>
    public static async Task<JsonObject> BootstrapAsync(string dataDirectory, params (string Name, string Value)[] environment)
    {
        var (exitCode, stdout, stderr) = await RunAsync(
            dataDirectory, ["bootstrap", "--organization", "Acme Payments", "--email", Email, "--name", "Alice", "--password-stdin"], Cast.Password + "\n", environment);
        exitCode.ShouldBe(0, stderr);
        return JsonNode.Parse(stdout)!.AsObject();
    }

    /// <summary>A fresh directory's path; nothing is there yet.</summary>
    public static string NewDataDirectory() => Path.Combine(Directory.CreateTempSubdirectory("keyportal-process-").FullName, "data");

    /// <summary>SIGKILL: no goodbye, no flush.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as a service manager stops it; its exit code.</summary>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString()]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        Client.Dispose();
        _process.Dispose();
    }

    private static Process Start(string dataDirectory, (string Name, string Value)[] environment, string[] words)
    {
        // A shell that ignores SIGXFSZ first: a write over a file-size limit then fails, as on a full disk, and does not end the process.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "trap '' XFSZ; exec dotnet \"$0\" \"$@\"", typeof(Program).Assembly.Location, .. words])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment["KeyPortal__DataDirectory"] = dataDirectory;
        start.Environment["KeyPortal__Passwords__BcryptCost"] = "4";
        start.Environment["KeyPortal__Keys__BcryptCost"] = "4";
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _output.Enqueue(line);
        }
    }
}
