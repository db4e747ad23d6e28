using System.Text;
using KeyPortal.Keys;

namespace KeyPortal.Bench;

/// <summary>One HTTP request, ready to send, and what a right answer begins with.</summary>
internal sealed record ValidateCall(byte[] Request, byte[] Expected);

/// <summary>Makes the requests, so that sending one costs the client nothing but the sending.</summary>
internal static class ValidateCalls
{
    public const string Path = "/api/v1/api-keys/validate";

    private const string Valid = """{"valid":true,"code":"valid",""";
    private const string Malformed = """{"valid":false,"code":"malformed",""";
    private const string NotFound = """{"valid":false,"code":"not_found",""";

    /// <summary>
    /// Calls for all keys in turn. In a hundred, <paramref name="refusedPercent"/> present a key that is refused: by turns one cut short and one that
    /// never was. <paramref name="decides"/> is false for a server that calls everything valid.
    /// </summary>
    public static ValidateCall[] Make(int port, string callerKey, IReadOnlyList<string> keys, int refusedPercent, bool decides)
    {
        var calls = new ValidateCall[keys.Count];
        var unknown = PlaintextKey.Generate(KeyType.Secret, KeyEnvironment.Live, "").Expose();
        var refused = 0;
        for (var i = 0; i < calls.Length; i++)
        {
            var (key, answer) = (i * 37 % 100) >= refusedPercent ? (keys[i], Valid)
                : refused++ % 2 == 0 ? (keys[i][..^1], Malformed)
                : (unknown, NotFound);
            calls[i] = new ValidateCall(Request(port, callerKey, key), Encoding.ASCII.GetBytes(decides ? answer : Valid));
        }

        return calls;
    }

    private static byte[] Request(int port, string callerKey, string key)
    {
        var body = $$"""{"key":"{{key}}","scopes":["triggers:read"],"ip":"203.0.113.9"}""";
        return Encoding.ASCII.GetBytes(
            $"POST {Path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {callerKey}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }
}
