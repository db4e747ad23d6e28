using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using KeyPortal.Primitives;

namespace KeyPortal.Api;

/// <summary>Reads a JSON body up to a limit, or refuses: 415, 413, or 400 naming where the JSON is wrong.</summary>
internal static class JsonBody
{
    public const int DefaultLimit = 64 * 1024;
    public const int KeyLimit = 256 * 1024;
    public const int ImportLimit = 4 * 1024 * 1024;

    private const int MaxPathLength = 200;
    private static readonly object HashItem = new();

    private static readonly Refusal WrongMediaType = new(RefusalKind.Malformed, ProblemAnswer.UnsupportedMediaType, "Send the body as application/json.");

    /// <summary>The body, which must be there.</summary>
    public static ValueTask<Outcome<T>> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, int limit = DefaultLimit) where T : class =>
        ReadAsync(context, type, limit, absent: null);

    /// <summary>The body, or <paramref name="absent"/> where none was sent.</summary>
    public static ValueTask<Outcome<T>> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, int limit, T? absent) where T : class =>
        ReadAsync(context, limit, absent, type, static (body, type) => Deserialize(body, type));

    /// <summary>The body's bytes as they were sent, for whoever has to check a signature over them before anything is believed.</summary>
    public static ValueTask<Outcome<byte[]>> ReadBytesAsync(HttpContext context, int limit) => ReadAsync<byte[], bool>(context, limit, absent: null, false, static (body, _) => body.ToArray());

    /// <summary>What <see cref="ReadBytesAsync"/> read, once it is believed.</summary>
    public static Outcome<T> Parse<T>(byte[] body, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return Deserialize(new ReadOnlySequence<byte>(body), type) is { } value ? value : Malformed("The body must not be null.");
        }
        catch (JsonException e)
        {
            return Malformed(Explain(e));
        }
    }

    private static async ValueTask<Outcome<T>> ReadAsync<T, TState>(HttpContext context, int limit, T? absent, TState state, Func<ReadOnlySequence<byte>, TState, T?> parse) where T : class
    {
        var request = context.Request;
        var isJson = request.HasJsonContentType();
        if (!isJson && absent is null)
        {
            return WrongMediaType;
        }

        if (request.ContentLength > limit)
        {
            return TooLarge(limit);
        }

        try
        {
            var reader = request.BodyReader;
            while (true)
            {
                var read = await reader.ReadAsync(context.RequestAborted);
                var body = read.Buffer;
                if (body.Length <= limit && !read.IsCompleted)
                {
                    reader.AdvanceTo(body.Start, body.End);
                    continue;
                }

                try
                {
                    KeepHash(context, body);
                    return body.Length > limit ? TooLarge(limit)
                        : body.IsEmpty && absent is not null ? absent
                        : !isJson ? WrongMediaType
                        : parse(body, state) is { } value ? value
                        : Malformed("The body must be a JSON object.");
                }
                finally
                {
                    // Also when the JSON is broken: a connection whose body was not taken cannot be used again.
                    reader.AdvanceTo(body.End);
                }
            }
        }
        catch (JsonException e)
        {
            return Malformed(Explain(e));
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return TooLarge(limit);
        }
    }

    /// <summary>SHA-256 of the body that was read, for a call that is to be told from another one like it.</summary>
    public static byte[] HashOf(HttpContext context) => (byte[])context.Items[HashItem]!;

    private static void KeepHash(HttpContext context, in ReadOnlySequence<byte> body)
    {
        if (context.Request.Headers.ContainsKey(IdempotentCalls.Header))
        {
            context.Items[HashItem] = SHA256.HashData(body.ToArray());
        }
    }

    private static T? Deserialize<T>(in ReadOnlySequence<byte> body, JsonTypeInfo<T> type)
    {
        var json = body.IsSingleSegment ? new Utf8JsonReader(body.FirstSpan) : new Utf8JsonReader(body);
        var value = DeserializeFirst(ref json, type);
        // Deserialize stops after the first value; anything but blanks behind it is an error too.
        return json.Read() ? throw new JsonException("The body holds more than one JSON value.") : value;
    }

    private static T? DeserializeFirst<T>(ref Utf8JsonReader json, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(ref json, type);
        }
        catch (ArgumentException e)
        {
            // The framework's reader of JSON nodes lets its dictionary complain.
            throw new JsonException("Duplicate property.", e);
        }
    }

    private static Refusal TooLarge(int limit) => new(RefusalKind.Malformed, ProblemAnswer.TooLarge, $"The body may have {limit / 1024} KiB at most.");

    private static Refusal Malformed(string detail) => new(RefusalKind.Malformed, "malformed_json", detail);

    /// <summary>What is wrong and where, without the serializer's type names.</summary>
    private static string Explain(JsonException e)
    {
        var where = string.IsNullOrEmpty(e.Path) || e.Path == "$" ? "" : " at " + (e.Path.Length > MaxPathLength ? e.Path[..MaxPathLength] + "…" : e.Path);
        bool Says(string words) => e.Message.Contains(words, StringComparison.Ordinal);
        return Says("could not be mapped to any .NET member") ? $"Unknown field{where}."
            : Says("Duplicate property") ? $"A field is given twice{where}."
            : Says("could not be converted") || Says("doesn't allow setting null") ? $"A value of the wrong kind{where}."
            : $"The body is not well-formed JSON{where} (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).";
    }
}
