using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace KeyPortal.Access.Tokens;

/// <summary>One key that signs access tokens: ES256, which is ECDSA on P-256 with SHA-256 (RFC 7518 §3.4), and nothing else.</summary>
public sealed class SigningKey
{
    /// <summary>r and s, 32 bytes each (IEEE P1363). The other form in use, DER, is no JWS signature.</summary>
    public const int SignatureSize = 64;

    private const DSASignatureFormat Form = DSASignatureFormat.IeeeP1363FixedFieldConcatenation;

    private readonly ECParameters _parameters;

    private SigningKey(ECParameters parameters, DateTimeOffset createdAt)
    {
        _parameters = parameters;
        CreatedAt = createdAt;
        (X, Y) = (Base64Url.EncodeToString(parameters.Q.X), Base64Url.EncodeToString(parameters.Q.Y));
        Id = Thumbprint(X, Y);
    }

    /// <summary>The <c>kid</c>: the key's thumbprint (RFC 7638), so that it needs no register and cannot name another key.</summary>
    public string Id { get; }

    public DateTimeOffset CreatedAt { get; }

    /// <summary>The public point, as a JWK has it.</summary>
    public string X { get; }

    public string Y { get; }

    public static SigningKey New(DateTimeOffset createdAt)
    {
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new SigningKey(made.ExportParameters(includePrivateParameters: true), createdAt);
    }

    /// <summary>Reads what <see cref="ToPem"/> wrote; null for anything but a private key on P-256.</summary>
    public static SigningKey? TryRead(string pem, DateTimeOffset createdAt)
    {
        try
        {
            using var read = ECDsa.Create();
            read.ImportFromPem(pem);
            var parameters = read.ExportParameters(includePrivateParameters: true);
            return parameters.Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value ? new SigningKey(parameters, createdAt) : null;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The private key, for its file: PKCS#8 in PEM.</summary>
    public byte[] ToPem()
    {
        using var key = ECDsa.Create(_parameters);
        return Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    // An object for each call: the framework does not promise that one may be used by two threads at once, and making one takes microseconds.
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        using var key = ECDsa.Create(_parameters);
        return key.SignData(data, HashAlgorithmName.SHA256, Form);
    }

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using var key = ECDsa.Create(_parameters);
        return signature.Length == SignatureSize && key.VerifyData(data, signature, HashAlgorithmName.SHA256, Form);
    }

    public override string ToString() => $"signing key {Id}";

    /// <summary>SHA-256 of the JWK's required members in alphabetical order, without blanks (RFC 7638 §3.2).</summary>
    internal static string Thumbprint(string x, string y) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}""")));
}
