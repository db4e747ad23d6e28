using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KeyPortal.Audit;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Api;

/// <summary>An answer of the API, read to its end.</summary>
public sealed record Answer(HttpStatusCode Status, JsonNode? Json, HttpResponseMessage Message)
{
    public JsonNode this[string field] => Json![field].ShouldNotBeNull();

    public string Text(string field) => this[field].GetValue<string>();

    public string Code => Text("code");

    public string Pointers => string.Join(' ', Json!["errors"]?.AsArray().Select(e => e!["pointer"]!.GetValue<string>()) ?? []);

    public Answer Is(HttpStatusCode status)
    {
        Status.ShouldBe(status, Json?.ToJsonString());
        return this;
    }

    /// <summary>A problem as RFC 9457 and the contract have it.</summary>
    public Answer IsProblem(int status, string code)
    {
        Is((HttpStatusCode)status);
        Message.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        this["status"].GetValue<int>().ShouldBe(status);
        Code.ShouldBe(code, Json!.ToJsonString());
        Text("title").ShouldNotBeEmpty();
        Text("detail").ShouldNotBeEmpty();
        Text("request_id").ShouldBe(Message.Headers.GetValues("X-Request-Id").Single());
        return this;
    }

    /// <summary>A 429 of limits, as draft-ietf-httpapi-ratelimit-headers has it.</summary>
    public Answer IsLimitProblem(string code, params string[] violated)
    {
        IsProblem(429, code);
        Text("type").ShouldBe("https://iana.org/assignments/http-problem-types#quota-exceeded");
        this["violated-policies"].AsArray().Select(name => name!.GetValue<string>()).ShouldBe(violated);
        Message.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        return this;
    }
}

/// <summary>A stranger's client: HTTP and JSON, one credential: a key in <c>X-API-Key</c>, or a token in <c>Authorization</c>.</summary>
public sealed class Client(HttpClient http, string? key, string? token = null)
{
    public const string Keys = "/api/v1/api-keys";

    public static async Task<Client> OfAsync(Portal portal, Actor owner) => new(portal.CreateClient(), await portal.ManagementKeyAsync(owner));

    public string Key => key ?? "";

    public Client With(string? other) => new(http, other);

    public Client WithToken(string other) => new(http, null, other);

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, JsonNode? body = null) => SendAsync(HttpMethod.Post, path, body);

    public Task<Answer> PatchAsync(string path, JsonNode body) => SendAsync(HttpMethod.Patch, path, body);

    public Task<Answer> PutAsync(string path, JsonNode body) => SendAsync(HttpMethod.Put, path, body);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public Task<Answer> CreateAsync(JsonNode body) => PostAsync(Keys, body);

    public Task<Answer> ValidateAsync(JsonNode body) => PostAsync(Keys + "/validate", body);

    public Task<Answer> ValidateAsync(string presented) => ValidateAsync(new JsonObject { ["key"] = presented });

    public Task<Answer> SendAsync(HttpMethod method, string path, JsonNode? body = null) =>
        SendAsync(method, path, body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"));

    public Task<Answer> RawAsync(string path, string body, string mediaType = "application/json", HttpMethod? method = null) =>
        SendAsync(method ?? HttpMethod.Post, path, new StringContent(body, Encoding.UTF8, mediaType));

    public Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        if (key is not null)
        {
            request.Headers.Add("X-API-Key", key);
        }

        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        }

        return SendAsync(request);
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        response.Headers.Contains("X-Request-Id").ShouldBeTrue();
        return new Answer(response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), response);
    }
}

internal static class AuditReading
{
    /// <summary>The newest entries of the log, as an owner reads it.</summary>
    public static async Task<IReadOnlyList<AuditView>> AuditAsync(this Portal portal, Actor reader, string? action = null) =>
        (await portal.Get<AuditReader>().ListAsync(reader, new AuditFilter { Action = action }, AuditReader.MaxPageSize, null)).Value.Items;
}
