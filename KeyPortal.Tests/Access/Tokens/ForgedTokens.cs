using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace KeyPortal.Tests.Access.Tokens;

/// <summary>Every kind of token that must not open anything, by name.</summary>
internal static class ForgedTokens
{
    public static readonly IReadOnlyDictionary<string, Func<Forger, string>> Kinds = new Dictionary<string, Func<Forger, string>>
    {
        // The algorithm
        ["alg none, no signature"] = f => $"{Forger.Encode(Changed(f, "alg", "none"))}.{f.Payload}.",
        ["alg none, with a signature"] = f => f.WithHeader(h => h["alg"] = "none"),
        ["alg None"] = f => $"{Forger.Encode(Changed(f, "alg", "None"))}.{f.Payload}.",
        ["alg nOnE, two parts"] = f => $"{Forger.Encode(Changed(f, "alg", "nOnE"))}.{f.Payload}",
        ["HS256 with the public key in DER"] = f => f.Hs256(f.PublicKey()),
        ["HS256 with the public key in PEM"] = f => f.Hs256(Encoding.ASCII.GetBytes($"-----BEGIN PUBLIC KEY-----\n{Convert.ToBase64String(f.PublicKey())}\n-----END PUBLIC KEY-----\n")),
        ["HS256 with the public point"] = f => f.Hs256([.. Encoding.ASCII.GetBytes(f.Key.X), .. Encoding.ASCII.GetBytes(f.Key.Y)]),
        ["HS256 with an empty secret"] = f => f.Hs256([]),
        ["alg RS256"] = f => f.WithHeader(h => h["alg"] = "RS256"),
        ["alg ES384"] = f => f.WithHeader(h => h["alg"] = "ES384"),
        ["alg es256"] = f => f.WithHeader(h => h["alg"] = "es256"),
        ["alg missing"] = f => f.WithHeader(h => h.Remove("alg")),
        ["alg null"] = f => f.WithHeader(h => h["alg"] = null),
        ["alg twice"] = f => f.WithHeader(f.HeaderJson.ToJsonString().Replace("{", "{\"alg\":\"none\",", StringComparison.Ordinal)),
        // The key
        ["a foreign key under our kid"] = f => f.Foreign(_ => f.Key.Id),
        ["a foreign key under its own kid"] = f => f.Foreign(own => own.Id),
        ["our key under a foreign kid"] = f => f.WithHeader(h => h["kid"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ["kid is a path"] = f => f.Foreign(_ => "../../../../dev/null"),
        ["kid is a path to our key"] = f => f.WithHeader(h => h["kid"] = "signing-key-20261121T090000000Z"),
        ["kid is SQL"] = f => f.Foreign(_ => "' UNION SELECT 'x' --"),
        ["kid is a URL"] = f => f.Foreign(_ => "https://evil.example/jwks.json"),
        ["kid is a command"] = f => f.Foreign(_ => "| touch /tmp/forged"),
        ["kid is very long"] = f => f.WithHeader(h => h["kid"] = new string('a', 1000)),
        ["kid is empty"] = f => f.WithHeader(h => h["kid"] = ""),
        ["kid is a number"] = f => f.WithHeader(h => h["kid"] = 0),
        ["kid is a list"] = f => f.WithHeader(h => h["kid"] = new JsonArray(f.Key.Id)),
        ["kid missing"] = f => f.WithHeader(h => h.Remove("kid")),
        ["kid with a U+0000 behind it"] = f => f.WithHeader(h => h["kid"] = f.Key.Id + "\0"),
        // The rest of the header
        ["typ kp-key+jwt"] = f => f.WithHeader(h => h["typ"] = "kp-key+jwt"),
        ["typ JWT"] = f => f.WithHeader(h => h["typ"] = "JWT"),
        ["typ at+JWT"] = f => f.WithHeader(h => h["typ"] = "at+JWT"),
        ["typ application/at+jwt"] = f => f.WithHeader(h => h["typ"] = "application/at+jwt"),
        ["typ missing"] = f => f.WithHeader(h => h.Remove("typ")),
        ["jku"] = f => f.WithHeader(h => h["jku"] = "https://evil.example/jwks.json"),
        ["x5u"] = f => f.WithHeader(h => h["x5u"] = "https://evil.example/cert.pem"),
        ["x5c"] = f => f.WithHeader(h => h["x5c"] = new JsonArray("MIIB")),
        ["x5t"] = f => f.WithHeader(h => h["x5t"] = "AAAA"),
        ["jwk"] = f => f.WithHeader(h => h["jwk"] = new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = f.Key.X, ["y"] = f.Key.Y }),
        ["crit"] = f => f.WithHeader(h => h["crit"] = new JsonArray("exp")),
        ["crit empty"] = f => f.WithHeader(h => h["crit"] = new JsonArray()),
        ["b64 false"] = f => f.WithHeader(h => h["b64"] = false),
        ["zip"] = f => f.WithHeader(h => h["zip"] = "DEF"),
        ["cty JWT"] = f => f.WithHeader(h => h["cty"] = "JWT"),
        ["header in another order"] = f => f.WithHeader($$"""{"kid":"{{f.Key.Id}}","typ":"at+jwt","alg":"ES256"}"""),
        ["header with blanks"] = f => f.WithHeader(f.HeaderJson.ToJsonString().Replace(":", ": ", StringComparison.Ordinal)),
        ["header is a list"] = f => f.WithHeader("[]"),
        ["header is no JSON"] = f => f.WithHeader("{\"alg\":"),
        ["header empty"] = f => f.Signed("", f.Payload),
        // Times
        ["expired a second ago"] = f => f.WithClaims(c => Shift(c, f.Now - 901)),
        ["expires this second"] = f => f.WithClaims(c => Shift(c, f.Now - 900)),
        ["not valid for another second"] = f => f.WithClaims(c => c["nbf"] = f.Now + 1),
        ["made in the future"] = f => f.WithClaims(c => c["iat"] = f.Now + 1),
        ["lives longer than any"] = f => f.WithClaims(c => c["exp"] = f.Now + 901),
        ["exp is a text"] = f => f.WithClaims(c => c["exp"] = (f.Now + 900).ToString(CultureInfo.InvariantCulture)),
        ["exp is a fraction"] = f => f.WithClaims(c => c["exp"] = f.Now + 899.5),
        ["exp with an exponent"] = f => f.WithPayload(f.Claims.ToJsonString().Replace($"\"exp\":{f.Now + 900}", "\"exp\":9e99", StringComparison.Ordinal)),
        ["exp too large for any clock"] = f => f.WithPayload(f.Claims.ToJsonString().Replace($"\"exp\":{f.Now + 900}", "\"exp\":99999999999999999999", StringComparison.Ordinal)),
        ["exp negative"] = f => f.WithClaims(c => c["exp"] = -1),
        ["exp null"] = f => f.WithClaims(c => c["exp"] = null),
        ["iat so far back that the difference overflows"] = f => f.WithClaims(c => c["iat"] = long.MinValue),
        // For whom, by whom, about whom
        ["another audience"] = f => f.WithClaims(c => c["aud"] = "https://other.example/api"),
        ["the issuer as audience"] = f => f.WithClaims(c => c["aud"] = c["iss"]!.GetValue<string>()),
        ["an organization as audience"] = f => f.WithClaims(c => c["aud"] = "org_01kajx3v5m8zqk4r0w2c6n1t9e"),
        ["a list of audiences"] = f => f.WithClaims(c => c["aud"] = new JsonArray(c["aud"]!.GetValue<string>())),
        ["another issuer"] = f => f.WithClaims(c => c["iss"] = "https://other.example"),
        ["the issuer with a slash"] = f => f.WithClaims(c => c["iss"] = c["iss"]!.GetValue<string>() + "/"),
        ["another person"] = f => f.WithClaims(c => c["sub"] = Forger.OtherUser),
        ["a session that never was"] = f => f.WithClaims(c => c["sid"] = "ses_01kajx3v5m8zqk4r0w2c6n1t9e"),
        ["an older generation"] = f => f.WithClaims(c => c["gen"] = -1),
        ["a later generation"] = f => f.WithClaims(c => c["gen"] = 1),
        ["a generation as text"] = f => f.WithClaims(c => c["gen"] = "0"),
        ["iss missing"] = f => f.WithClaims(c => c.Remove("iss")),
        ["aud missing"] = f => f.WithClaims(c => c.Remove("aud")),
        ["sub missing"] = f => f.WithClaims(c => c.Remove("sub")),
        ["sid missing"] = f => f.WithClaims(c => c.Remove("sid")),
        ["gen missing"] = f => f.WithClaims(c => c.Remove("gen")),
        ["jti missing"] = f => f.WithClaims(c => c.Remove("jti")),
        ["iat missing"] = f => f.WithClaims(c => c.Remove("iat")),
        ["nbf missing"] = f => f.WithClaims(c => c.Remove("nbf")),
        ["exp missing"] = f => f.WithClaims(c => c.Remove("exp")),
        ["exp twice"] = f => f.WithPayload(f.Claims.ToJsonString().Replace("{", $$"""{"exp":{{f.Now + 800}},""", StringComparison.Ordinal)),
        ["sub twice, once escaped"] = f => f.WithPayload(f.Claims.ToJsonString().Replace("{", "{\"\\u0073ub\":\"usr_x\",", StringComparison.Ordinal)),
        ["a claim too many"] = f => f.WithClaims(c => c["role"] = "owner"),
        // What the payload is
        ["payload empty"] = f => f.Signed(f.Header, ""),
        ["payload is a list"] = f => f.WithPayload("[]"),
        ["payload is null"] = f => f.WithPayload("null"),
        ["payload with something behind it"] = f => f.WithPayload(f.Claims.ToJsonString() + "{}"),
        ["payload nested without end"] = f => f.WithPayload(string.Concat(Enumerable.Repeat("{\"sub\":", 100))),
        ["payload holds half a character"] = f => f.WithPayload(f.Claims.ToJsonString().Replace("usr_", "\\ud800", StringComparison.Ordinal)),
        ["payload is no UTF-8"] = f => f.Signed(f.Header, Forger.Encode([0xC3, 0x28])),
        ["a token in a token"] = f => f.Signed(f.Header, Forger.Encode(f.Good)),
        ["another token's payload"] = f => $"{f.Header}.{Forger.Encode(f.Claims.ToJsonString().Replace("usr_", "usr-", StringComparison.Ordinal))}.{f.Signature}",
        // The signature
        ["signature empty"] = f => $"{f.Header}.{f.Payload}.",
        ["signature in DER"] = f => f.WithSignature(f.DerSignature()),
        ["r and s zero (CVE-2022-21449)"] = f => f.WithSignature(new byte[64]),
        ["r zero"] = f => f.WithSignature([.. new byte[32], .. f.SignatureBytes[32..]]),
        ["s zero"] = f => f.WithSignature([.. f.SignatureBytes[..32], .. new byte[32]]),
        ["r and s all ones"] = f => f.WithSignature([.. Enumerable.Repeat((byte)0xFF, 64)]),
        ["r and s in each other's place"] = f => f.WithSignature([.. f.SignatureBytes[32..], .. f.SignatureBytes[..32]]),
        ["a byte short"] = f => f.WithSignature(f.SignatureBytes[..63]),
        ["a byte too many"] = f => f.WithSignature([.. f.SignatureBytes, 0]),
        // The form
        ["only the header"] = f => f.Header,
        ["only the header and a dot"] = f => $"{f.Header}.",
        ["only two parts"] = f => $"{f.Header}.{f.Payload}",
        ["only dots"] = _ => "ey..",
        ["four parts"] = f => $"{f.Good}.{f.Signature}",
        ["five parts, as an encrypted token has"] = f => $"{f.Header}..{f.Payload}.{f.Signature}.AAAA",
        ["a dot behind it"] = f => $"{f.Good}.",
        ["a bit of the header"] = f => $"{Forger.Flip(f.Header, f.Header.Length / 2)}.{f.Payload}.{f.Signature}",
        ["a bit of the payload"] = f => $"{f.Header}.{Forger.Flip(f.Payload, f.Payload.Length / 2)}.{f.Signature}",
        ["a bit of the signature"] = f => $"{f.Header}.{f.Payload}.{Forger.Flip(f.Signature, 40)}",
        ["the first bit of the signature"] = f => $"{f.Header}.{f.Payload}.{Forger.Flip(f.Signature, 0)}",
        ["loose bits at the end of the signature"] = f => $"{f.Header}.{f.Payload}.{Forger.WithLooseBits(f.Signature)}",
        ["padded header"] = f => f.Signed(f.Header + "=", f.Payload),
        ["padded payload"] = f => f.Signed(f.Header, f.Payload + "="),
        ["padded signature"] = f => f.Good + "==",
        ["a blank in the payload"] = f => f.Signed(f.Header, f.Payload.Insert(8, " ")),
        ["the alphabet of plain base64"] = f => f.Signed(f.Header, Convert.ToBase64String(Encoding.UTF8.GetBytes(f.Claims.ToJsonString())).TrimEnd('=') + "/"),
        ["JSON instead of dots"] = f => $$"""{"payload":"{{f.Payload}}","signatures":[{"protected":"{{f.Header}}","signature":"{{f.Signature}}"}]}""",
        ["larger than any token"] = f => f.WithClaims(c => c["jti"] = new string('a', 4000)),
        ["eight thousand dots"] = _ => "ey" + new string('.', 8000),
        ["in lower case"] = f => f.Good.ToLowerInvariant(),
    };

    private static string Changed(Forger forger, string name, string value)
    {
        var header = forger.HeaderJson;
        header[name] = value;
        return header.ToJsonString();
    }

    private static void Shift(JsonObject claims, long to) => (claims["iat"], claims["nbf"], claims["exp"]) = (to, to, to + 900);
}
