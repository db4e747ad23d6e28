using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace KeyPortal.Tests.Support;

/// <summary>
/// A browser and an authenticator in one (W3C Web Authentication Level 3): makes and uses one ES256 passkey, and lies where a test tells it to.
/// </summary>
public sealed class SoftwareAuthenticator : IDisposable
{
    private const byte UserPresent = 0x01, UserVerified = 0x04, HasCredential = 0x40;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private string? _userHandle;

    public string Origin { get; set; } = "http://localhost";

    public string RelyingParty { get; set; } = "localhost";

    public bool? CrossOrigin { get; set; } = false;

    public string? TopOrigin { get; set; }

    public bool VerifiesUser { get; set; } = true;

    /// <summary>Answers this question instead of the one it is asked.</summary>
    public string? Challenge { get; set; }

    /// <summary>Claims to be of this account.</summary>
    public string? UserHandle { get; set; }

    /// <summary>How often it was used; stays 0 where it does not count.</summary>
    public uint Counter { get; set; }

    public byte[] CredentialId { get; init; } = RandomNumberGenerator.GetBytes(32);

    /// <summary><c>navigator.credentials.create</c>, attestation <c>none</c>.</summary>
    public string Create(string options)
    {
        var asked = JsonNode.Parse(options)!;
        _userHandle = (string)asked["user"]!["id"]!;
        byte[] credential = [.. new byte[16], .. BigEndian((ushort)CredentialId.Length), .. CredentialId, .. PublicKey()];
        var data = AuthenticatorData(HasCredential, credential);
        // CBOR (RFC 8949): {"fmt": "none", "attStmt": {}, "authData": bytes}.
        byte[] attestation = [0xA3, 0x63, .. "fmt"u8, 0x64, .. "none"u8, 0x67, .. "attStmt"u8, 0xA0, 0x68, .. "authData"u8, 0x59, .. BigEndian((ushort)data.Length), .. data];
        return Answer(new JsonObject
        {
            ["clientDataJSON"] = Text(ClientData("webauthn.create", asked)),
            ["attestationObject"] = Text(attestation),
            ["transports"] = new JsonArray("internal"),
        });
    }

    /// <summary><c>navigator.credentials.get</c>.</summary>
    public string Get(string options)
    {
        var asked = JsonNode.Parse(options)!;
        var client = ClientData("webauthn.get", asked);
        var data = AuthenticatorData(0, []);
        return Answer(new JsonObject
        {
            ["clientDataJSON"] = Text(client),
            ["authenticatorData"] = Text(data),
            ["signature"] = Text(_key.SignData([.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)),
            ["userHandle"] = UserHandle is { } claimed ? Text(Encoding.UTF8.GetBytes(claimed)) : _userHandle,
        });
    }

    public void Dispose() => _key.Dispose();

    private string Answer(JsonObject response) => new JsonObject
    {
        ["id"] = Text(CredentialId),
        ["rawId"] = Text(CredentialId),
        ["type"] = "public-key",
        ["clientExtensionResults"] = new JsonObject(),
        ["response"] = response,
    }.ToJsonString();

    private byte[] ClientData(string type, JsonNode asked)
    {
        var client = new JsonObject { ["type"] = type, ["challenge"] = Challenge ?? (string)asked["challenge"]!, ["origin"] = Origin };
        if (CrossOrigin is { } cross)
        {
            client["crossOrigin"] = cross;
        }

        if (TopOrigin is not null)
        {
            client["topOrigin"] = TopOrigin;
        }

        return Encoding.UTF8.GetBytes(client.ToJsonString());
    }

    private byte[] AuthenticatorData(byte flags, byte[] credential) =>
        [.. SHA256.HashData(Encoding.UTF8.GetBytes(RelyingParty)), (byte)(flags | UserPresent | (VerifiesUser ? UserVerified : 0)), .. BigEndian(Counter), .. credential];

    /// <summary>COSE_Key (RFC 9053 §7.1.1): {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}.</summary>
    private byte[] PublicKey()
    {
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        return [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, .. point.X!, 0x22, 0x58, 0x20, .. point.Y!];
    }

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);

    private static byte[] BigEndian(ushort number)
    {
        var bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, number);
        return bytes;
    }

    private static byte[] BigEndian(uint number)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return bytes;
    }
}
