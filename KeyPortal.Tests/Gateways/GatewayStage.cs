using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KeyPortal.Tests.Gateways;

/// <summary>A KeyPortal, a service that tells what reached it, and before both of them an nginx and a Caddy, each set up by the guide's own file.</summary>
public sealed class GatewayStage : IAsyncLifetime
{
    private readonly Dictionary<string, GatewayProcess> _gateways = [];
    private readonly Uri _service = new($"http://127.0.0.1:{FreePort.Find()}");
    private PortalProcess _portal = null!;
    private WebApplication _upstream = null!;
    private string _gatewayKey = null!;
    private int _served;

    public Client Manager { get; private set; } = null!;

    public Answer Reader { get; private set; } = null!;

    public Answer Writer { get; private set; } = null!;

    /// <summary>A key for the tests' own address.</summary>
    public Answer Here { get; private set; } = null!;

    public Answer Elsewhere { get; private set; } = null!;

    /// <summary>How many requests reached the service.</summary>
    public int Served => Volatile.Read(ref _served);

    public async ValueTask InitializeAsync()
    {
        var data = PortalProcess.NewDataDirectory();
        var management = (await PortalProcess.BootstrapAsync(data, ("KeyPortal__Policy__KeysPerMember", "1000")))["management_key"]!.GetValue<string>();
        _portal = await PortalProcess.ServeAsync(data);
        Manager = new Client(_portal.Client, management);
        _gatewayKey = (await CreateAsync("Gateway", "api-keys:validate")).Text("key");
        Reader = await CreateAsync("Reader", "triggers:read");
        Writer = await CreateAsync("Writer", "triggers:write");
        Here = await CreateAsync("Here", "triggers:read", "127.0.0.0/8");
        Elsewhere = await CreateAsync("Elsewhere", "triggers:read", "203.0.113.0/24");
        await StartServiceAsync();
        foreach (var name in new[] { "nginx", "caddy" })
        {
            _gateways[name] = await StartAsync(name, _portal.Client.BaseAddress!);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways.Values)
        {
            await gateway.DisposeAsync();
        }

        await _upstream.DisposeAsync();
        await _portal.DisposeAsync();
    }

    public async Task<Answer> CreateAsync(string name, string scope, string? network = null) => (await Manager.CreateAsync(new JsonObject
    {
        ["name"] = name,
        ["scopes"] = new JsonArray(scope),
        ["allowed_ips"] = network is null ? [] : new JsonArray(network),
    })).Is(HttpStatusCode.Created);

    /// <summary>A key for so many calls in a window that begins with its first one.</summary>
    public async Task<Answer> CreateLimitedAsync(int limit, int seconds, int? warn = null, string scope = "triggers:read") => (await Manager.CreateAsync(new JsonObject
    {
        ["name"] = "Limited",
        ["scopes"] = new JsonArray(scope),
        ["rate_limits"] = new JsonArray(new JsonObject { ["name"] = "window", ["algorithm"] = "fixed_window", ["limit"] = limit, ["window_seconds"] = seconds, ["warn_at_percent"] = warn }),
    })).Is(HttpStatusCode.Created);

    public Task<GatewayProcess> StartAsync(string name, Uri keyPortal) => GatewayProcess.StartAsync(name, keyPortal, _service, _gatewayKey);

    /// <summary>Another gateway, with a key of its own.</summary>
    public Task<GatewayProcess> StartAsync(string name, string gatewayKey) => GatewayProcess.StartAsync(name, _portal.Client.BaseAddress!, _service, gatewayKey);

    public Task<Answer> AskAsync(string gateway, string? key, params (string Name, string Value)[] headers) => AskAsync(_gateways[gateway], key, headers);

    public Task<Answer> AskAsync(string gateway, string? key, string body) => AskAsync(_gateways[gateway], key, [], body);

    public static async Task<Answer> AskAsync(GatewayProcess gateway, string? key, (string Name, string Value)[] headers, string? body = null)
    {
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, "/orders/7?full=1");
        foreach (var (name, value) in key is null ? headers : [("X-API-Key", key), .. headers])
        {
            request.Headers.Add(name, value);
        }

        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        var answer = await gateway.Client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return new Answer(answer.StatusCode, answer.StatusCode == HttpStatusCode.OK ? JsonNode.Parse(text) : null, answer);
    }

    private async Task StartServiceAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(_service.ToString());
        _upstream = builder.Build();
        _upstream.Run(async context =>
        {
            Interlocked.Increment(ref _served);
            using var reader = new StreamReader(context.Request.Body);
            var headers = new JsonObject(context.Request.Headers.Select(h => KeyValuePair.Create(h.Key.ToLowerInvariant(), (JsonNode?)h.Value.ToString())));
            await context.Response.WriteAsync(new JsonObject { ["path"] = context.Request.Path + context.Request.QueryString, ["headers"] = headers, ["body"] = await reader.ReadToEndAsync() }.ToJsonString());
        });
        await _upstream.StartAsync();
    }
}
