using System.Text.Json.Nodes;
using KeyPortal.Primitives;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Description;

/// <summary>A client that knows the document and nothing else makes every call in it, rightly and wrongly, and finds every answer as described.</summary>
public sealed class StrangerTests : IAsyncLifetime
{
    private readonly Portal _portal = new(("KeyPortal:Policy:KeysPerMember", "100000"), ("KeyPortal:Api:RequestsPerMinute", "1000000000"));
    private string _folder = null!;
    private Cast _cast = null!;

    public async ValueTask InitializeAsync()
    {
        _folder = await Judges.GatherAsync();
        _portal.UseKestrel(0);
        _portal.StartServer();
        _cast = await Cast.EnterAsync(_portal);
        await _portal.ApprovalAsync(_cast.Alice, "triggers:write");
    }

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Every_operation_does_what_the_document_says_and_every_limit_lies_where_it_says()
    {
        var (exitCode, said) = await WalkAsync(await SetAsync());

        exitCode.ShouldBe(0, said);
        said.ShouldContain(" operations, 0 untruths");
    }

    [Fact]
    public async Task A_document_that_lies_is_found_out()
    {
        using var http = _portal.CreateClient();
        var lying = JsonNode.Parse(await http.GetStringAsync("/openapi/v1.json"))!;
        var (schemas, paths) = (lying["components"]!["schemas"]!, lying["paths"]!);
        schemas["Key"]!["properties"]!.AsObject().Remove("tags");
        schemas["Rules"]!["properties"]!["name"]!["maxLength"] = 121;
        schemas["Rules"]!["properties"]!["tags"]!["maxItems"] = 19;
        schemas["DeclineRequest"]!.AsObject().Remove("examples");
        paths["/api/v1/api-keys/{id}"]!["put"]!["responses"]!.AsObject().Remove("412");
        paths["/api/v1/api-keys"]!["post"]!["responses"]!["418"] = new JsonObject { ["description"] = "Teapot." };

        var stage = await SetAsync();
        (stage["document"], stage["only"]) = (lying, new JsonArray("createKey", "replaceKey", "declineKey"));
        var (exitCode, said) = await WalkAsync(stage);

        exitCode.ShouldBe(1, said);
        said.ShouldContain("""which its schema refuses: / must NOT have unevaluated properties {"unevaluatedProperty":"tags"}""");
        said.ShouldContain("/name on its maxLength 121 was answered with 422");
        said.ShouldContain("/tags beyond its maxItems 19 was answered with 201");
        said.ShouldContain("POST /api/v1/api-keys/{id}/decline: the body has no example");
        said.ShouldContain("PUT /api/v1/api-keys/{id}: a stale If-Match was answered with 412");
        said.ShouldContain("POST /api/v1/api-keys: nothing was answered with 418");
    }

    private async Task<(int ExitCode, string Said)> WalkAsync(JsonObject stage)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "stage.json"), stage.ToJsonString());
        return await Judges.RunAsync(_folder, ["stranger.mjs", "stage.json"]);
    }

    /// <summary>What a stranger is given beside the document: keys, a person's code, sessions to use up.</summary>
    private async Task<JsonObject> SetAsync()
    {
        var several = await _portal.OlafJoinsAcmeAsync(_cast, Role.Owner);
        JsonArray tokens = [];
        for (var i = 0; i < 20; i++)
        {
            var pair = await _portal.TokensAsync(_cast.Dora);
            tokens.Add(new JsonObject { ["access"] = pair.AccessToken, ["refresh"] = pair.RefreshToken.Expose() });
        }

        return new JsonObject
        {
            ["base"] = _portal.ClientOptions.BaseAddress.ToString().TrimEnd('/'),
            ["manager"] = await _portal.ManagementKeyAsync(_cast.Alice),
            ["colleague"] = await _portal.ManagementKeyAsync(_cast.Andy),
            ["powerless"] = (await _portal.KeyAsync(_cast.Alice, "Powerless")).Plaintext.Expose(),
            ["several"] = (await _portal.TokensAsync(several)).AccessToken,
            ["code"] = Cast.CodeNow(_portal),
            ["tokens"] = tokens,
        };
    }
}
