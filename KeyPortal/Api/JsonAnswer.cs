using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KeyPortal.Api;

/// <summary>Writes a JSON answer with a buffer each thread keeps: the answers are small, and making writers anew is most of their cost.</summary>
internal static class JsonAnswer
{
    // Quotes and angle brackets stay readable. That is safe in what no browser takes for a page: application/json with nosniff.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json) _reused;

    public static void Write<TState>(HttpContext context, int status, string contentType, TState state, Action<Utf8JsonWriter, TState> write, string cacheControl = "no-store")
    {
        var (buffer, json) = _reused;
        if (json is null)
        {
            buffer = new ArrayBufferWriter<byte>(1024);
            json = new Utf8JsonWriter(buffer, Options);
            _reused = (buffer, json);
        }

        buffer.ResetWrittenCount();
        json.Reset(buffer);
        write(json, state);
        json.Flush();
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.Headers.CacheControl = cacheControl;
        response.ContentLength = buffer.WrittenCount;
        // Copied into the response's own buffer before this thread can leave, so the reused one is free again.
        response.BodyWriter.Write(buffer.WrittenSpan);
    }

    /// <summary>The number, or null where there is none.</summary>
    public static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? number)
    {
        if (number is { } there)
        {
            json.WriteNumber(name, there);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    public static void WriteTexts(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
