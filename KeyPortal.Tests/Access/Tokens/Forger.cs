using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KeyPortal.Access.Tokens;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Access.Tokens;

/// <summary>
/// Makes tokens that are almost good. Most are signed with the instance's real key, which no forger has: so that each fails by what is wrong with it
/// and not by its signature.
/// </summary>
internal sealed class Forger(Portal portal, string good)
{
    public const string OtherUser = "usr_01kajx3v5m8zqk4r0w2c6n1t9e";

    private readonly string[] _parts = good.Split('.');

    public SigningKey Key { get; } = portal.Get<SigningKeys>().Newest;

    public string Good => good;

    public string Header => _parts[0];

    public string Payload => _parts[1];

    public string Signature => _parts[2];

    public JsonObject HeaderJson => Parse(Header);

    public JsonObject Claims => Parse(Payload);

    public long Now => portal.Clock.Now.ToUnixTimeSeconds();

    public static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);

    public static string Encode(string text) => Encode(Encoding.UTF8.GetBytes(text));

    /// <summary>Signed by the instance's own key.</summary>
    public string Signed(string header, string payload) => $"{header}.{payload}.{Encode(Key.Sign(Encoding.ASCII.GetBytes($"{header}.{payload}")))}";

    public string WithHeader(Action<JsonObject> change)
    {
        var header = HeaderJson;
        change(header);
        return Signed(Encode(header.ToJsonString()), Payload);
    }

    public string WithHeader(string json) => Signed(Encode(json), Payload);

    public string WithClaims(Action<JsonObject> change)
    {
        var claims = Claims;
        change(claims);
        return WithPayload(claims.ToJsonString());
    }

    public string WithPayload(string json) => Signed(Header, Encode(json));

    public string WithSignature(byte[] signature) => $"{Header}.{Payload}.{Encode(signature)}";

    /// <summary>HS256 with what is public as its secret: works on verifiers that let the token choose the algorithm (CVE-2015-9235).</summary>
    public string Hs256(byte[] secret)
    {
        var header = HeaderJson;
        header["alg"] = "HS256";
        var signed = $"{Encode(header.ToJsonString())}.{Payload}";
        return $"{signed}.{Encode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>Signed by a key of the forger's, under a header of choice.</summary>
    public string Foreign(Func<SigningKey, string> kid)
    {
        var own = SigningKey.New(portal.Clock.Now);
        var header = HeaderJson;
        header["kid"] = kid(own);
        var signed = $"{Encode(header.ToJsonString())}.{Payload}";
        return $"{signed}.{Encode(own.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    public byte[] PublicKey()
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(Encoding.ASCII.GetString(Key.ToPem()));
        return key.ExportSubjectPublicKeyInfo();
    }

    public byte[] DerSignature()
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(Encoding.ASCII.GetString(Key.ToPem()));
        return key.SignData(Encoding.ASCII.GetBytes($"{Header}.{Payload}"), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    public byte[] SignatureBytes => Base64Url.DecodeFromChars(Signature);

    /// <summary>The same bytes in another spelling: the last character of a part carries bits that no byte uses.</summary>
    public static string WithLooseBits(string part)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return part.Length % 4 == 0 ? throw new ArgumentException("This part has no loose bits.", nameof(part)) : part[..^1] + Alphabet[Alphabet.IndexOf(part[^1], StringComparison.Ordinal) + 1];
    }

    /// <summary>One character of a part changed, and with it bits of the value.</summary>
    public static string Flip(string part, int at) => part[..at] + (part[at] == 'A' ? 'B' : 'A') + part[(at + 1)..];

    private static JsonObject Parse(string part) => JsonNode.Parse(Base64Url.DecodeFromChars(part))!.AsObject();
}
