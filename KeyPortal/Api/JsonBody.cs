using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace KeyPortal.Api;

/// <summary>Reads a JSON body up to a limit, or answers with the problem: 415, 413, or 400 naming where the JSON is wrong.</summary>
internal static class JsonBody
{
    public const int DefaultLimit = 64 * 1024;
    public const int KeyLimit = 256 * 1024;

    /// <summary>The body; null when the answer has been written already.</summary>
    public static async ValueTask<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, int limit = DefaultLimit) where T : class
    {
        var request = context.Request;
        if (!request.HasJsonContentType())
        {
            await ProblemAnswer.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "Send the body as application/json.");
            return null;
        }

        if (request.ContentLength > limit)
        {
            await TooLargeAsync(context, limit);
            return null;
        }

        try
        {
            var reader = request.BodyReader;
            while (true)
            {
                var read = await reader.ReadAsync(context.RequestAborted);
                if (read.Buffer.Length > limit)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    await TooLargeAsync(context, limit);
                    return null;
                }

                if (!read.IsCompleted)
                {
                    reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                    continue;
                }

                var value = Deserialize(read.Buffer, type);
                reader.AdvanceTo(read.Buffer.End);
                if (value is null)
                {
                    await MalformedAsync(context, "The body must be a JSON object.");
                }

                return value;
            }
        }
        catch (JsonException e)
        {
            await MalformedAsync(context, Explain(e));
            return null;
        }
        catch (BadHttpRequestException e)
        {
            await ProblemAnswer.WriteAsync(context, e.StatusCode, e.StatusCode == 413 ? "body_too_large" : "malformed_request", e.Message);
            return null;
        }
    }

    private static T? Deserialize<T>(in System.Buffers.ReadOnlySequence<byte> body, JsonTypeInfo<T> type)
    {
        var json = body.IsSingleSegment ? new Utf8JsonReader(body.FirstSpan) : new Utf8JsonReader(body);
        var value = JsonSerializer.Deserialize(ref json, type);
        // Deserialize stops after the first value; anything but blanks behind it is an error too.
        return json.Read() ? throw new JsonException("The body holds more than one JSON value.") : value;
    }

    private static Task TooLargeAsync(HttpContext context, int limit) =>
        ProblemAnswer.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "body_too_large", $"The body may have {limit / 1024} KiB at most.");

    private static Task MalformedAsync(HttpContext context, string detail) =>
        ProblemAnswer.WriteAsync(context, StatusCodes.Status400BadRequest, "malformed_json", detail);

    /// <summary>Where the JSON is wrong, without the serializer's type names.</summary>
    private static string Explain(JsonException e)
    {
        var where = string.IsNullOrEmpty(e.Path) || e.Path == "$" ? "" : $" at {e.Path}";
        return e.Message.Contains("could not be mapped to any .NET member", StringComparison.Ordinal) ? $"Unknown field{where}." : $"The JSON is malformed or has a value of the wrong kind{where}.";
    }
}
