using System.Text.Json.Nodes;
using KeyPortal.Primitives;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace KeyPortal.Api.Description;

/// <summary>The OpenAPI 3.1 document at <c>/openapi/v1.json</c>, made from the routes that are mapped and what each says of itself.</summary>
internal static class ApiDescription
{
    private const string AliasTag = "alias";
    private static readonly int[] AnyProblems = [500, 503];
    private static readonly int[] WithKey = [400, 401, 404, 429];

    // A person of several organizations has to name one.
    private static readonly int[] WithAny = [.. WithKey, 422];

    public static void AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = static _ => false; // Handlers are written by hand, so there is nothing to be read off them.
        options.AddDocumentTransformer(static (document, context, _) =>
        {
            var endpoints = context.ApplicationServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();
            var (described, _) = OpenApiDocument.Parse(Build(endpoints).ToJsonString(), "json");
            (document.Info, document.Paths, document.Components) = (described!.Info, described.Paths, described.Components);
            (document.Security, document.Tags, document.Servers) = (described.Security, described.Tags, described.Servers);
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
                item[method.ToLowerInvariant()] = Describe(operation, method, path);
            }
        }

        var document = DescriptionParts.Read();
        document["paths"] = paths;
        return document;
    }

    private static JsonObject Describe(ApiOperation operation, string method, string path)
    {
        var isAlias = path.StartsWith(ApiRoutes.KeysAlias, StringComparison.Ordinal);
        var described = new JsonObject
        {
            ["operationId"] = operation.Id + (isAlias ? "Alias" : ""),
            ["summary"] = operation.Summary,
            ["description"] = operation.Summary + ". " + Needs(operation),
            ["tags"] = new JsonArray(isAlias ? AliasTag : operation.Tag),
            ["parameters"] = Parameters(operation, method, path),
            ["responses"] = Answers(operation, method),
        };
        if (SecurityOf(operation.Credential) is { } security)
        {
            described["security"] = security;
        }

        if (operation.Body is { } body)
        {
            described["requestBody"] = new JsonObject { ["required"] = !operation.BodyIsOptional, ["content"] = Content(operation.BodyType, body) };
        }

        return described;
    }

    /// <summary>Null where the document's own security says it all.</summary>
    private static JsonArray? SecurityOf(ApiCredential credential) => credential switch
    {
        ApiCredential.None => [],
        ApiCredential.AccessToken => [new JsonObject { ["bearer"] = new JsonArray() }],
        ApiCredential.Gateway => [new JsonObject { ["gateway"] = new JsonArray(), ["apiKey"] = new JsonArray() }, new JsonObject { ["gateway"] = new JsonArray(), ["bearer"] = new JsonArray() }],
        _ => null,
    };

    private static JsonArray Parameters(ApiOperation operation, string method, string path)
    {
        List<string> names = [];
        if (operation.Credential is ApiCredential.Any or ApiCredential.Key)
        {
            names.Add("organization_id");
        }

        if (path.Contains("{id}", StringComparison.Ordinal))
        {
            names.Add("id");
        }

        if (operation.HasETag && HttpMethods.IsGet(method))
        {
            names.Add("If-None-Match");
        }

        if (HasPrecondition(operation, method))
        {
            names.Add("If-Match");
        }

        if (operation.IsIdempotent)
        {
            names.Add("Idempotency-Key");
        }

        return [.. names.Concat(operation.Parameters).Select(name => Reference("parameters", name))];
    }

    /// <summary>Who may make the call, read off the role × act table.</summary>
    private static string Needs(ApiOperation operation)
    {
        if (operation.Act is not { } act)
        {
            return $"Open to: {operation.NeedsNoActBecause}.";
        }

        var roles = Enum.GetValues<Role>().Where(role => Permissions.Of(role, act) != Reach.None)
            .Select(role => SnakeCase.Of(role) + (Permissions.Of(role, act) == Reach.Own ? " (what they own)" : ""));
        var scope = Permissions.ScopeFor(act) is { } needed ? $"a key needs the scope {needed}" : "no key can do it, only a person";
        return $"Roles: {string.Join(", ", roles)}; {scope}.";
    }

    /// <summary>What is only just made has no state that could be meant.</summary>
    private static bool HasPrecondition(ApiOperation operation, string method) => operation.HasETag && !HttpMethods.IsGet(method) && operation.Success != StatusCodes.Status201Created;

    private static JsonObject Answers(ApiOperation operation, string method)
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

        foreach (var header in operation.Headers.Concat(operation.HasETag ? ["ETag"] : []).Concat(operation.IsIdempotent ? ["Idempotent-Replayed"] : []).Concat(LimitHeadersOf(operation, operation.Success)))
        {
            success["headers"]![header] = Reference("headers", header);
        }

        var answers = new JsonObject { [operation.Success.ToString()] = success };
        if (operation.HasETag && HttpMethods.IsGet(method))
        {
            answers["304"] = NotModified(operation);
        }

        foreach (var status in AnyProblems.Concat(operation.Credential switch { ApiCredential.Any => WithAny, ApiCredential.Key => WithKey, _ => [] }).Concat(operation.Problems)
            .Concat(HasPrecondition(operation, method) ? [StatusCodes.Status412PreconditionFailed] : []).Concat(operation.IsIdempotent ? [409, 422] : []).Distinct().Order())
        {
            var problem = new JsonObject
            {
                ["description"] = ReasonPhrases.GetReasonPhrase(status) + ".",
                ["headers"] = new JsonObject { ["X-Request-Id"] = Reference("headers", "X-Request-Id") },
                ["content"] = Content(ProblemAnswer.ContentType, "Problem"),
            };
            string[] extra = status switch { 401 => ["WWW-Authenticate"], 429 or 503 => ["Retry-After"], _ => [] };
            foreach (var header in extra.Concat(LimitHeadersOf(operation, status)))
            {
                problem["headers"]![header] = Reference("headers", header);
            }

            answers[status.ToString()] = problem;
        }

        return answers;
    }

    private static JsonObject NotModified(ApiOperation operation)
    {
        IEnumerable<string> headers = ["X-Request-Id", "ETag", .. LimitHeadersOf(operation, StatusCodes.Status304NotModified)];
        return new JsonObject
        {
            ["description"] = "Not changed.",
            ["headers"] = new JsonObject(headers.Select(header => KeyValuePair.Create(header, (JsonNode?)Reference("headers", header)))),
        };
    }

    /// <summary>Whose limits are told: the caller's, in every answer once it is known who calls; a gateway's client's, where those of its key were asked.</summary>
    private static string[] LimitHeadersOf(ApiOperation operation, int status) => operation.Credential switch
    {
        ApiCredential.Any or ApiCredential.Key when status != StatusCodes.Status401Unauthorized => LimitHeaders.Names,
        ApiCredential.Gateway when status is StatusCodes.Status204NoContent or StatusCodes.Status429TooManyRequests => LimitHeaders.Names,
        _ => [],
    };

    private static JsonObject Content(string mediaType, string schema) => new() { [mediaType] = new JsonObject { ["schema"] = Reference("schemas", schema) } };

    private static JsonObject Reference(string kind, string name) => new() { ["$ref"] = $"#/components/{kind}/{name}" };
}
