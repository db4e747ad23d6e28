using System.Text;
using System.Text.Json;

namespace KeyPortal.Primitives;

/// <summary>One page of a list: at most <c>limit</c> rows, how many rows match in all, and where the next page begins (null on the last).</summary>
public sealed record ResultPage<T>(IReadOnlyList<T> Items, int Total, string? NextCursor);

/// <summary>
/// A keyset cursor: the sort value and the id of the last row seen, so that rows added or removed meanwhile neither repeat nor hide others.
/// Opaque to clients (base64url of JSON), but no secret: it names values the client has just read.
/// </summary>
public readonly record struct Cursor(string SortValue, string Id)
{
    public const int MaxLength = 4096;

    public string Encode() => Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(new[] { SortValue, Id }))
        .TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public static bool TryDecode(string? text, out Cursor cursor)
    {
        cursor = default;
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength)
        {
            return false;
        }

        try
        {
            var padded = text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '=');
            if (JsonSerializer.Deserialize<string[]>(Encoding.UTF8.GetString(Convert.FromBase64String(padded))) is not [{ } sortValue, { } id])
            {
                return false;
            }

            cursor = new Cursor(sortValue, id);
            return true;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return false;
        }
    }
}
