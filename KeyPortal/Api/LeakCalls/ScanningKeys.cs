using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace KeyPortal.Api.LeakCalls;

/// <summary>Settings <c>KeyPortal:SecretScanning:PublicKeys:&lt;key identifier&gt;</c>: the scanner's public keys in PEM, as it publishes them. None: no alert is believed.</summary>
internal sealed class ScanningSettings
{
    public const string Section = "KeyPortal:SecretScanning";

    public Dictionary<string, string> PublicKeys { get; set; } = [];
}

internal sealed class ValidateScanningSettings : IValidateOptions<ScanningSettings>
{
    public ValidateOptionsResult Validate(string? name, ScanningSettings options)
    {
        var wrong = options.PublicKeys.Where(k => !ScanningKeys.TryRead(k.Value, out _)).Select(k => $"{ScanningSettings.Section}:PublicKeys:{k.Key} is no public key on the curve P-256 in PEM.").ToList();
        return wrong.Count > 0 ? ValidateOptionsResult.Fail(wrong) : ValidateOptionsResult.Success;
    }
}

/// <summary>The scanner's public keys.</summary>
internal sealed class ScanningKeys(IOptions<ScanningSettings> settings)
{
    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>Is this the signature of these very bytes? <paramref name="signature"/> is base64 of an ASN.1 sequence (RFC 3279).</summary>
    public bool Verify(string keyId, string signature, byte[] body)
    {
        if (!settings.Value.PublicKeys.TryGetValue(keyId, out var pem) || !TryRead(pem, out var key))
        {
            return false;
        }

        using (key)
        {
            var bytes = new byte[signature.Length];
            return Convert.TryFromBase64String(signature, bytes, out var length)
                && key!.VerifyData(body, bytes.AsSpan(0, length), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
    }

    public static bool TryRead(string pem, out ECDsa? key)
    {
        key = ECDsa.Create();
        try
        {
            // A setting on one line has its line ends written out.
            key.ImportFromPem(pem.Replace("\\n", "\n", StringComparison.Ordinal));
            if (key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == P256)
            {
                return true;
            }
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            // No key.
        }

        key.Dispose();
        key = null;
        return false;
    }
}
