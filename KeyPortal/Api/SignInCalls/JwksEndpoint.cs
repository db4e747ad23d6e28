using System.Text.Json;
using KeyPortal.Access.Tokens;

namespace KeyPortal.Api.SignInCalls;

/// <summary>
/// <c>GET /.well-known/jwks.json</c>: the public halves of the keys that sign tokens (RFC 7517 §5). For everybody, pages of other sites too, and to be
/// remembered for a few minutes; whoever meets a <c>kid</c> that is not in it asks again.
/// </summary>
internal sealed class JwksEndpoint(SigningKeys keys)
{
    public const string Path = "/.well-known/jwks.json";

    public Task HandleAsync(HttpContext context)
    {
        context.Response.Headers.AccessControlAllowOrigin = "*";
        JsonAnswer.Write(context, StatusCodes.Status200OK, "application/json", keys.Current(), Write, cacheControl: "public, max-age=300");
        return Task.CompletedTask;
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<SigningKey> keys)
    {
        json.WriteStartObject();
        json.WriteStartArray("keys"u8);
        foreach (var key in keys)
        {
            json.WriteStartObject();
            json.WriteString("kty"u8, "EC"u8);
            json.WriteString("crv"u8, "P-256"u8);
            json.WriteString("x"u8, key.X);
            json.WriteString("y"u8, key.Y);
            json.WriteString("use"u8, "sig"u8);
            json.WriteString("alg"u8, "ES256"u8);
            json.WriteString("kid"u8, key.Id);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
