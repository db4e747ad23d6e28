using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace KeyPortal.Api;

/// <summary>The OpenAPI 3.1 document at <c>/openapi/v1.json</c>, made from the routes that are mapped and what each says of itself.</summary>
internal static class ApiDescription
{
    private static readonly int[] AnyProblems = [500, 503];
    private static readonly int[] WithCredential = [400, 401, 404];

    public static void AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = static _ => false; // Handlers are written by hand, so there is nothing to be read off them.
        options.AddDocumentTransformer(static (document, context, _) =>
        {
            var endpoints = context.ApplicationServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();
            var (described, _) = OpenApiDocument.Parse(Build(endpoints).ToJsonString(), "json");
            (document.Info, document.Paths, document.Components) = (described!.Info, described.Paths, described.Components);
            (document.Security, document.Tags, document.Servers) = (described.Security, described.Tags, []);
            described.Workspace?.RegisterComponents(document);
            return Task.CompletedTask;
        });
    });

    private static JsonObject Build(IEnumerable<RouteEndpoint> endpoints)
    {
        var paths = new JsonObject();
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Metadata.GetMetadata<ApiOperation>() is { } operation)
            {
                var path = "/" + endpoint.RoutePattern.RawText!.Trim('/');
                var item = paths[path] as JsonObject ?? new JsonObject();
                paths[path] = item;
                var method = endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods[0];
                item[method.ToLowerInvariant()] = Describe(operation, path);
            }
        }

        var document = JsonNode.Parse(ApiSchemas.Document)!.AsObject();
        document["paths"] = paths;
        document["components"]!["schemas"] = JsonNode.Parse(ApiSchemas.Schemas);
        return document;
    }

    private static JsonObject Describe(ApiOperation operation, string path)
    {
        var isAlias = path.StartsWith(ApiRoutes.KeysAlias, StringComparison.Ordinal);
        var described = new JsonObject
        {
            ["operationId"] = operation.Id + (isAlias ? "Alias" : ""),
            ["summary"] = operation.Summary,
            ["tags"] = new JsonArray(operation.Credential != ApiCredential.Any ? "sign-in" : path.Contains("/auth/", StringComparison.Ordinal) ? "auth" : "keys"),
            ["parameters"] = Parameters(operation, path),
            ["responses"] = Answers(operation),
        };
        if (operation.Credential != ApiCredential.Any)
        {
            described["security"] = operation.Credential == ApiCredential.None ? [] : new JsonArray(new JsonObject { ["bearer"] = new JsonArray() });
        }

        if (operation.Body is { } body)
        {
            described["requestBody"] = new JsonObject { ["required"] = !operation.BodyIsOptional, ["content"] = Content("application/json", body) };
        }

        return described;
    }

    private static JsonArray Parameters(ApiOperation operation, string path)
    {
        JsonArray parameters = [];
        if (operation.Credential == ApiCredential.Any)
        {
            parameters.Add(Reference("parameters", "organization_id"));
        }

        if (path.Contains("{id}", StringComparison.Ordinal))
        {
            parameters.Add(Reference("parameters", "id"));
        }

        if (operation.IsList)
        {
            foreach (var name in (string[])["limit", "cursor", "status", "environment", "type", "owner_id", "scope", "q", "last_used_before", "expires_before", "sort"])
            {
                parameters.Add(Reference("parameters", name));
            }
        }

        return parameters;
    }

    private static JsonObject Answers(ApiOperation operation)
    {
        var success = new JsonObject
        {
            ["description"] = operation.Success == StatusCodes.Status201Created ? "Created." : "Done.",
            ["headers"] = new JsonObject { ["X-Request-Id"] = Reference("headers", "X-Request-Id") },
        };
        if (operation.Answer is { } schema)
        {
            success["content"] = Content("application/json", schema);
        }

        if (operation.Success == StatusCodes.Status201Created)
        {
            success["headers"]!["Location"] = Reference("headers", "Location");
        }

        var answers = new JsonObject { [operation.Success.ToString()] = success };
        foreach (var status in AnyProblems.Concat(operation.Credential == ApiCredential.Any ? WithCredential : []).Concat(operation.Problems).Order())
        {
            var problem = new JsonObject
            {
                ["description"] = ReasonPhrases.GetReasonPhrase(status) + ".",
                ["headers"] = new JsonObject { ["X-Request-Id"] = Reference("headers", "X-Request-Id") },
                ["content"] = Content(ProblemAnswer.ContentType, "Problem"),
            };
            var extra = status switch { 401 => "WWW-Authenticate", 429 or 503 => "Retry-After", _ => null };
            if (extra is not null)
            {
                problem["headers"]![extra] = Reference("headers", extra);
            }

            answers[status.ToString()] = problem;
        }

        return answers;
    }

    private static JsonObject Content(string mediaType, string schema) => new() { [mediaType] = new JsonObject { ["schema"] = Reference("schemas", schema) } };

    private static JsonObject Reference(string kind, string name) => new() { ["$ref"] = $"#/components/{kind}/{name}" };
}
