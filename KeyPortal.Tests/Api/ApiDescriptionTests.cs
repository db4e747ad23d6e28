using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Api;
using KeyPortal.Api.Description;
using KeyPortal.Api.SignInCalls;
using KeyPortal.Tests.Support;
using Microsoft.AspNetCore.Routing;

namespace KeyPortal.Tests.Api;

/// <summary>The OpenAPI document tells what is there, all of it and nothing else.</summary>
public sealed class ApiDescriptionTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private JsonNode _document = null!;

    public async ValueTask InitializeAsync() => _document = (await new Client(_portal.CreateClient(), null).GetAsync("/openapi/v1.json")).Is(HttpStatusCode.OK).Json!;

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private IEnumerable<(string Call, JsonNode Operation)> Described() =>
        _document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => ($"{o.Key.ToUpperInvariant()} {p.Key}", o.Value!)));

    [Fact]
    public void Every_route_is_described_and_every_description_has_its_route()
    {
        var mapped = _portal.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.TrimStart('/').StartsWith("api", StringComparison.Ordinal) || e.RoutePattern.RawText == JwksEndpoint.Path)
            // Routes left out on purpose answer 405 and nothing else, and HEAD is a GET without its body.
            .Where(e => e.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null)
            .SelectMany(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(m => $"{m} /{e.RoutePattern.RawText!.Trim('/')}"))
            .Where(call => !call.StartsWith("HEAD", StringComparison.Ordinal));

        Described().Select(d => d.Call).ShouldBe(mapped, ignoreOrder: true);
    }

    [Fact]
    public void It_is_OpenAPI_3_1_with_both_ways_to_authenticate()
    {
        _document["openapi"]!.GetValue<string>().ShouldStartWith("3.1.");
        _document["components"]!["securitySchemes"]!.AsObject().Select(s => s.Key).ShouldBe(["bearer", "apiKey", "gateway"], ignoreOrder: true);
        _document["security"]!.AsArray().Count.ShouldBe(2);
        Described().Select(d => d.Operation["operationId"]!.GetValue<string>()).ShouldBeUnique();
    }

    [Fact]
    public void Every_reference_leads_somewhere_and_every_operation_has_a_body_for_every_status()
    {
        foreach (var (call, operation) in Described())
        {
            operation["responses"]!.AsObject().ShouldAllBe(r => r.Value!["content"] != null == (r.Key != "204" && r.Key != "304"), call);
            (operation["responses"]!["401"] is null).ShouldBe(call is "GET " + JwksEndpoint.Path or "POST /api/v1/revoke-leaked", call);
            operation["summary"]!.GetValue<string>().ShouldNotBeEmpty();
        }

        var references = References(_document).Distinct().ToList();
        references.Count.ShouldBeGreaterThan(20);
        foreach (var reference in references)
        {
            reference.Split('/').Skip(1).Aggregate((JsonNode?)_document, (node, step) => node?[step]).ShouldNotBeNull(reference);
        }
    }

    [Fact]
    public void Signing_in_needs_no_credential_signing_out_a_token_and_a_gateway_two_keys()
    {
        var different = Described().Where(d => d.Operation["security"] is not null).ToDictionary(d => d.Call, d => d.Operation["security"]!.ToJsonString());

        different.ShouldBe(new Dictionary<string, string>
        {
            ["POST /api/v1/auth/login"] = "[]",
            ["POST /api/v1/auth/2fa"] = "[]",
            ["POST /api/v1/auth/refresh"] = "[]",
            ["POST /api/v1/auth/logout"] = """[{"bearer":[]}]""",
            ["GET /.well-known/jwks.json"] = "[]",
            ["POST /api/v1/revoke-leaked"] = "[]",
            ["POST /api/v1/secret-scanning/alerts"] = "[]",
            ["GET /api/v1/forward-auth"] = """[{"gateway":[],"apiKey":[]},{"gateway":[],"bearer":[]}]""",
        }, ignoreOrder: true);
    }

    [Fact]
    public async Task Answers_have_the_fields_their_schemas_name()
    {
        var cast = await Cast.EnterAsync(_portal);
        var client = await Client.OfAsync(_portal, cast.Alice);
        var created = await client.CreateAsync(new JsonObject { ["name"] = "x" });
        var problem = await client.CreateAsync(new JsonObject());

        Fields("Key").ShouldBe((await client.GetAsync($"{Client.Keys}/{created.Text("id")}")).Json!.AsObject().Select(f => f.Key), ignoreOrder: true);
        Fields("KeyPage").ShouldBe((await client.GetAsync(Client.Keys)).Json!.AsObject().Select(f => f.Key), ignoreOrder: true);
        Fields("Self").ShouldBe((await client.GetAsync("/api/v1/auth/key")).Json!.AsObject().Select(f => f.Key), ignoreOrder: true);
        Fields("Problem").ShouldBe(problem.Json!.AsObject().Select(f => f.Key).Append("violated-policies"), ignoreOrder: true);
        Fields("JsonWebKeySet").ShouldBe((await client.GetAsync(JwksEndpoint.Path)).Json!.AsObject().Select(f => f.Key));
        Fields("PolicyRules").ShouldBe((await client.GetAsync("/api/v1/policy")).Json!.AsObject().Select(f => f.Key));
        Fields("CatalogueScope").ShouldBe((await client.GetAsync("/api/v1/scopes"))["data"][0]!.AsObject().Select(f => f.Key));
        (await client.ValidateAsync(created.Text("key"))).Json!.AsObject().Select(f => f.Key).ShouldBeSubsetOf(Fields("Validation"));
    }

    [Fact]
    public async Task Requests_take_the_fields_their_schemas_name_and_no_others()
    {
        var cast = await Cast.EnterAsync(_portal);
        var client = await Client.OfAsync(_portal, cast.Alice);
        foreach (var (schema, path) in new[] { ("Rules", Client.Keys), ("ValidateRequest", Client.Keys + "/validate"), ("RevokeRequest", Client.Keys + "/key_x/revoke"), ("RotateRequest", Client.Keys + "/key_x/rotate"), ("LoginRequest", "/api/v1/auth/login"), ("SecondFactorRequest", "/api/v1/auth/2fa"), ("RefreshRequest", "/api/v1/auth/refresh") })
        {
            foreach (var field in Fields(schema).Append("surprise"))
            {
                // An object is the wrong kind for every known field but one, and an unknown field is told apart from that.
                var answer = await client.PostAsync(path, new JsonObject { [field] = new JsonObject { ["deep"] = new JsonObject() } });
                answer.IsProblem(400, "malformed_json").Text("detail").StartsWith("Unknown field", StringComparison.Ordinal).ShouldBe(field == "surprise", $"{schema} {field}");
            }
        }
    }

    private IEnumerable<string> Fields(string schema) => _document["components"]!["schemas"]![schema]!["properties"]!.AsObject().Select(p => p.Key);

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject found => found.SelectMany(f => f.Key == "$ref" ? [f.Value!.GetValue<string>()] : References(f.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };
}
