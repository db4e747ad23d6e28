using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KeyPortal.Primitives;

namespace KeyPortal.Access.Tokens;

/// <summary>
/// Makes and checks the access tokens of signed-in members. Why by hand: docs/decisions/0013-access-tokens.md.
/// <code>
/// base64url({"alg":"ES256","typ":"at+jwt","kid":"…"}) . base64url(claims) . base64url(signature, 64 bytes)
/// </code>
/// </summary>
/// <remarks>
/// KeyPortal accepts only what it made itself, so a header is never interpreted: it is compared, character by character, with the one each honoured
/// key writes. Whatever a forger puts there (<c>none</c>, <c>HS256</c>, <c>jku</c>, <c>jwk</c>, <c>crit</c>, a kid that is a path) is simply not that text
/// (RFC 8725 §3.1, §3.10, §3.11).
/// </remarks>
public sealed class AccessTokens(SigningKeys keys, PublicAddress address, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    /// <summary>Ours have some 500 characters.</summary>
    private const int MaxLength = 2048;
    private const int JtiBytes = 16;

    /// <summary>Is this text meant as a token? A key has neither the beginning (<c>{"</c> in base64) nor a dot; it is no promise that it is good.</summary>
    public static bool Resembles(string presented) => presented.StartsWith("ey", StringComparison.Ordinal) && presented.Contains('.', StringComparison.Ordinal);

    /// <summary>A token that stands for the session as it is now, for fifteen minutes.</summary>
    internal string Issue(Session session)
    {
        var now = clock.Now().ToUnixTimeSeconds();
        var (issuer, audience) = Names();
        var claims = new AccessTokenClaims(issuer, audience, session.UserId, session.Id, session.Generation,
            Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(JtiBytes)), now, now, now + (long)Lifetime.TotalSeconds);
        return Sign(keys.Newest, claims);
    }

    internal static string Sign(SigningKey key, AccessTokenClaims claims)
    {
        var signed = $"{HeaderOf(key)}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims, TokenJson.Default.AccessTokenClaims))}";
        return $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>The claims of a token that this instance made and that is in its time; null for every other text. What the claims open is not decided here.</summary>
    internal AccessTokenClaims? Verify(string token)
    {
        if (token.Length > MaxLength || token.Split('.') is not [var header, var payload, var signature]
            || keys.Current().FirstOrDefault(k => HeaderOf(k) == header) is not { } key
            || Decode(payload) is not { } claimed || Decode(signature) is not { } proof
            || !key.Verify(Encoding.ASCII.GetBytes(token[..^(signature.Length + 1)]), proof)
            || Parse(claimed) is not { } claims)
        {
            return null;
        }

        // No leeway: one process makes and checks them, by one clock.
        var now = clock.Now().ToUnixTimeSeconds();
        var (issuer, audience) = Names();
        return claims.Iss == issuer && claims.Aud == audience
            && claims.Iat <= now && claims.Nbf <= now && now < claims.Exp && claims.Exp == claims.Iat + (long)Lifetime.TotalSeconds
            ? claims
            : null;
    }

    /// <summary>Asked anew each time: where nothing is set, it is where the server listens, which is known only once it does.</summary>
    private (string Issuer, string Audience) Names() => (address.Origin, address.Origin + "/api");

    private static string HeaderOf(SigningKey key) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes($$"""{"alg":"ES256","typ":"at+jwt","kid":"{{key.Id}}"}"""));

    /// <summary>Base64url as RFC 7515 §2 has it: no padding, no blanks, no bits left over, so that each value has one spelling.</summary>
    private static byte[]? Decode(string text)
    {
        if (!text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') || text.Length % 4 == 1)
        {
            return null;
        }

        try
        {
            var bytes = Base64Url.DecodeFromChars(text);
            return Base64Url.EncodeToString(bytes) == text ? bytes : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static AccessTokenClaims? Parse(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, TokenJson.Default.AccessTokenClaims);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
