using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace KeyPortal.Keys.Imports;

/// <summary>One fast hash of a key, as an import may have brought it.</summary>
internal readonly record struct FastHash(VerifierScheme Scheme, string? KeyId, byte[] Value);

/// <summary>
/// The fast hashes under which other systems keep keys. Good enough for keys alone, which are long and random; a HMAC's key comes from a setting, so that
/// the database does not hold it.
/// </summary>
public sealed class FastHashes(IOptions<ImportSettings> settings)
{
    private readonly IReadOnlyDictionary<string, byte[]> _hmacKeys =
        settings.Value.HmacKeys.ToDictionary(key => key.Key, key => ImportSettings.Decode(key.Value)!, StringComparer.OrdinalIgnoreCase);

    /// <summary>Is there such a HMAC key in the settings?</summary>
    public bool KnowsKey(string id) => _hmacKeys.ContainsKey(id);

    /// <summary>How many bytes a value of this scheme has.</summary>
    public static int SizeOf(VerifierScheme scheme) => scheme == VerifierScheme.Sha512 ? SHA512.HashSizeInBytes : SHA256.HashSizeInBytes;

    internal IReadOnlyList<FastHash> Of(PresentedKey key)
    {
        var bytes = Encoding.ASCII.GetBytes(key.Expose());
        return
        [
            new FastHash(VerifierScheme.Sha256, null, SHA256.HashData(bytes)),
            new FastHash(VerifierScheme.Sha512, null, SHA512.HashData(bytes)),
            .. _hmacKeys.Select(hmac => new FastHash(VerifierScheme.HmacSha256, hmac.Key, HMACSHA256.HashData(hmac.Value, bytes))),
        ];
    }
}
