using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsvHelper;
using KeyPortal.Primitives;

namespace KeyPortal.Keys.Imports;

/// <summary>
/// Reads the items of an import from a file that somebody picked: JSON as the API takes it (or its list alone), or CSV with a header. A CSV's columns have the
/// names of the JSON's fields; the hash's are <c>algorithm</c>, <c>hash</c> and <c>key_id</c>, metadata's <c>metadata.name</c>. Lists are separated by <c>|</c>.
/// </summary>
public static class ImportFile
{
    public const int MaxBytes = 4 * 1024 * 1024;

    private static readonly string[] Lists = ["scopes", "allowed_ips", "allowed_origins", "resources", "tags"];
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The items, whether good or not. Refuses what can be read as neither; the refusal repeats nothing of it.</summary>
    public static Outcome<IReadOnlyList<ImportItem>> Read(string fileName, byte[] content)
    {
        try
        {
            return ImportReader.Read(fileName.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? ReadCsv(content) : ReadJson(content));
        }
        catch (Exception e) when (e is JsonException or CsvFormatException or ArgumentException)
        {
            return Refusal.Invalid("/keys", e is JsonException json
                ? $"This file is no well-formed JSON (line {json.LineNumber + 1}). A file of keys ends in .json or .csv."
                : "This file is no well-formed CSV: each row has as many cells as the header, and no column is there twice. A file of keys ends in .json or .csv.");
        }
    }

    private static JsonNode? ReadJson(byte[] content)
    {
        var bytes = content.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? content.AsSpan(Encoding.UTF8.Preamble.Length) : content;
        var document = JsonNode.Parse(bytes, documentOptions: Strict);
        return document is JsonArray list ? new JsonObject { ["keys"] = list } : document;
    }

    private static JsonObject ReadCsv(byte[] content)
    {
        using var csv = CsvReader.Create(content, new CsvReaderOptions { Separator = SeparatorOf(content), FieldCountMismatch = CsvFieldCountHandling.Throw, MalformedData = CsvMalformedDataHandling.Throw, TrimWhitespace = true });
        var keys = new JsonArray();
        csv.ReadHeader();
        while (csv.Read())
        {
            keys.Add((JsonNode)ToItem(csv));
        }

        return new JsonObject { ["keys"] = keys };
    }

    /// <summary>What separates the header's names: a spreadsheet takes a semicolon where a comma is in its numbers.</summary>
    private static char SeparatorOf(ReadOnlySpan<byte> content)
    {
        var end = content.IndexOf((byte)'\n');
        var header = Encoding.UTF8.GetString(end < 0 ? content : content[..end]);
        return ",;\t".MaxBy(separator => header.Count(c => c == separator));
    }

    /// <summary>An empty cell is a field that is not there.</summary>
    private static JsonObject ToItem(CsvReader csv)
    {
        var (item, hash, metadata) = (new JsonObject(), new JsonObject(), new JsonObject());
        for (var i = 0; i < csv.FieldCount; i++)
        {
            var (column, cell) = (csv.Headers[i], csv.GetString(i));
            if (cell.Length == 0)
            {
                continue;
            }

            if (column is "algorithm" or "hash" or "key_id")
            {
                hash.Add(column == "hash" ? "value" : column, cell);
            }
            else if (column.StartsWith("metadata.", StringComparison.Ordinal))
            {
                metadata.Add(column["metadata.".Length..], cell);
            }
            else
            {
                item.Add(column, Lists.Contains(column) ? new JsonArray([.. cell.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(word => (JsonNode)word)]) : cell);
            }
        }

        item.Add("hash", hash);
        if (metadata.Count > 0)
        {
            item.Add("metadata", metadata);
        }

        return item;
    }
}
