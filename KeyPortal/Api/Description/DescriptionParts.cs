using System.Text.Json.Nodes;

namespace KeyPortal.Api.Description;

/// <summary>The parts of the OpenAPI document that no route says of itself: files beside this one, carried inside the program.</summary>
internal static class DescriptionParts
{
    private const string SchemaPrefix = "openapi/schemas/";

    /// <summary>The document without its paths: info, security schemes, headers, parameters, and the schemas of every feature.</summary>
    public static JsonObject Read()
    {
        var document = ReadFile("openapi/document.json");
        var schemas = new JsonObject();
        foreach (var name in typeof(DescriptionParts).Assembly.GetManifestResourceNames().Where(n => n.StartsWith(SchemaPrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            foreach (var (schema, value) in ReadFile(name))
            {
                schemas.Add(schema, value!.DeepClone());
            }
        }

        document["components"]!["schemas"] = schemas;
        return document;
    }

    private static JsonObject ReadFile(string name)
    {
        using var file = typeof(DescriptionParts).Assembly.GetManifestResourceStream(name)!;
        return JsonNode.Parse(file)!.AsObject();
    }
}
