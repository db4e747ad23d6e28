using System.Diagnostics;
using KeyPortal.Tests.Architecture;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Gateways;

/// <summary>A real nginx or Caddy in the foreground, with the guide's file; nothing in it is changed but the three addresses.</summary>
public sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Process _process;
    private readonly string _folder;

    private GatewayProcess(Process process, string folder, Uri address)
    {
        (_process, _folder) = (process, folder);
        Client = new HttpClient { BaseAddress = address };
    }

    public HttpClient Client { get; }

    public static async Task<GatewayProcess> StartAsync(string name, Uri keyPortal, Uri service, string key)
    {
        var folder = Directory.CreateTempSubdirectory("keyportal-gateway-").FullName;
        var port = FreePort.Find();
        var file = name == "nginx" ? "nginx.conf" : "Caddyfile";
        var guide = await File.ReadAllTextAsync(Path.Combine(SourceTree.Root, "docs", "gateways", file));
        var text = guide.Replace("127.0.0.1:5080", keyPortal.Authority, StringComparison.Ordinal).Replace("127.0.0.1:3000", service.Authority, StringComparison.Ordinal)
            .Replace(name == "nginx" ? "listen 8080" : ":8080", name == "nginx" ? $"listen 127.0.0.1:{port}" : $"http://127.0.0.1:{port}", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder, file), text);
        var process = name == "nginx" ? await StartNginxAsync(folder, key) : StartCaddy(folder, key);
        var gateway = new GatewayProcess(process, folder, new Uri($"http://127.0.0.1:{port}"));
        await gateway.WaitAsync();
        return gateway;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        Client.Dispose();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The guide's file is for <c>conf.d</c>; around it stands the least that an nginx of no distribution needs.</summary>
    private static async Task<Process> StartNginxAsync(string folder, string key)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "keyportal-gateway.inc"), $"set $keyportal_gateway \"{key}\";\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "main.conf"), $$"""
            daemon off;
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/error.log;
            events { }
            http {
                access_log off;
                client_body_temp_path {{folder}}/body; proxy_temp_path {{folder}}/proxy; fastcgi_temp_path {{folder}}/fastcgi; uwsgi_temp_path {{folder}}/uwsgi; scgi_temp_path {{folder}}/scgi;
                include nginx.conf;
            }
            """);
        return Start("nginx", "nginx-light", ["-p", folder, "-e", Path.Combine(folder, "error.log"), "-c", Path.Combine(folder, "main.conf")]);
    }

    private static Process StartCaddy(string folder, string key) =>
        Start("caddy", "caddy", ["run", "--config", Path.Combine(folder, "Caddyfile"), "--adapter", "caddyfile"],
            ("KEYPORTAL_GATEWAY_KEY", key), ("CADDY_ADMIN", "off"), ("HOME", folder), ("XDG_CONFIG_HOME", folder), ("XDG_DATA_HOME", folder));

    private static Process Start(string program, string package, string[] words, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(DebianTool.Find(program, package), words) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task WaitAsync()
    {
        for (var began = Stopwatch.StartNew(); ;)
        {
            try
            {
                using var answer = await Client.GetAsync("/");
                return;
            }
            catch (HttpRequestException) when (!_process.HasExited && began.Elapsed < Patience)
            {
                await Task.Delay(25);
            }
        }
    }
}
