using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KeyPortal.Bench;

/// <summary>
/// What ASP.NET Core can do at most with such a call: Kestrel, routing, one endpoint that reads the same JSON and writes an answer of the same
/// fields and size, both by generated code. It decides nothing, checks nobody, counts nothing and logs nothing.
/// </summary>
internal static class BareEndpoint
{
    private static readonly BareAnswer Answer = new()
    {
        Valid = true,
        Code = "valid",
        KeyId = "key_01kajx3v5m8zqk4r0w2c6n1t9e",
        OrganizationId = "org_01kajx3v5m8zqk4r0w2c6n1t9e",
        Name = "Integration 0000",
        Type = "secret",
        Environment = "live",
        Owner = new BareOwner("member", "usr_01kajx3v5m8zqk4r0w2c6n1t9e"),
        Scopes = ["triggers:read", "events:read"],
        ExpiresAt = "2027-01-31T09:00:00.123Z",
        RequestId = "req_01kajx3v5m8zqk4r0w2c6n1t9e",
    };

    private static readonly BareAnswer LimitedAnswer = Answer with
    {
        RateLimits = [new BareRateLimit("burst", 1_000_000, 999_998, 1), new BareRateLimit("hour", 100_000_000, 99_999_900, 3595)],
        Quotas = [new BareQuota("day", 1_000_000_000, 999_999_900, 39_600)],
        Headers = new Dictionary<string, string>
        {
            ["RateLimit-Policy"] = "\"burst\";q=1000000;w=60, \"hour\";q=100000000;w=3600, \"quota-day\";q=1000000000;w=86400",
            ["RateLimit"] = "\"burst\";r=999998;t=1, \"hour\";r=99999900;t=3595, \"quota-day\";r=999999900;t=39600",
            ["X-RateLimit-Limit"] = "1000000",
            ["X-RateLimit-Remaining"] = "999998",
            ["X-RateLimit-Reset"] = "1795251618",
        },
    };

    private static BareAnswer _answer = Answer;

    /// <param name="port">On 127.0.0.1.</param>
    /// <param name="withLimits">Answers as for keys with limits.</param>
    public static async Task RunAsync(int port, bool withLimits)
    {
        _answer = withLimits ? LimitedAnswer : Answer;
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        await using var app = builder.Build();
        app.MapPost(ValidateCalls.Path, HandleAsync);
        await app.RunAsync();
    }

    private static async Task HandleAsync(HttpContext context)
    {
        var request = await context.Request.ReadFromJsonAsync(BareJson.Default.BareRequest, context.RequestAborted);
        if (request is not { Key.Length: > 0 })
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        // A length known beforehand: the framework's WriteAsJsonAsync would answer in chunks, which is a little slower.
        var json = JsonSerializer.SerializeToUtf8Bytes(_answer, BareJson.Default.BareAnswer);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        await context.Response.BodyWriter.WriteAsync(json, context.RequestAborted);
    }
}

internal sealed record BareRequest(string Key, IReadOnlyList<string>? Scopes, string? Resource, string? Ip, string? Origin, string? Environment, string? Endpoint, int Cost = 1);

internal sealed record BareOwner(string Type, string Id);

internal sealed record BareRateLimit(string Name, long Limit, long Remaining, long ResetSeconds);

internal sealed record BareQuota(string Period, long Limit, long Remaining, long ResetSeconds);

internal sealed record BareAnswer
{
    public required bool Valid { get; init; }

    public required string Code { get; init; }

    public required string KeyId { get; init; }

    public required string OrganizationId { get; init; }

    public required string Name { get; init; }

    public required string Type { get; init; }

    public required string Environment { get; init; }

    public required BareOwner Owner { get; init; }

    public string? Agent { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public IReadOnlyList<string> Resources { get; init; } = [];

    public required string ExpiresAt { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> Warnings { get; init; } = [];

    public IReadOnlyList<BareRateLimit> RateLimits { get; init; } = [];

    public IReadOnlyList<BareQuota> Quotas { get; init; } = [];

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public required string RequestId { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BareRequest))]
[JsonSerializable(typeof(BareAnswer))]
internal sealed partial class BareJson : JsonSerializerContext;
