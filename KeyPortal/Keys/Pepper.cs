using System.Security.Cryptography;

namespace KeyPortal.Keys;

/// <summary>
/// A key of lookup hashes: 32 random bytes in a file <c>pepper-&lt;id&gt;</c> of mode 0600 beside the database, never in it. A stolen database
/// without it finds no key; losing it loses none, for each secret also has a verifier.
/// </summary>
public sealed class Pepper : IDisposable
{
    public const int Size = 32;
    private readonly byte[] _secret;

    // An HMAC object per thread: setting one up costs several times the hash itself, and it is not safe to share.
    private readonly ThreadLocal<IncrementalHash> _hmac;

    public Pepper(string id, ReadOnlySpan<byte> secret)
    {
        if (secret.Length != Size)
        {
            throw new InvalidDataException($"The pepper '{id}' has {secret.Length} bytes; it must have {Size}.");
        }

        Id = id;
        _secret = secret.ToArray();
        _hmac = new(() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _secret));
    }

    public string Id { get; }

    public LookupHash HashOf(PresentedKey key)
    {
        // Only another vendor's key is longer than the longest of ours.
        Span<byte> ascii = key.Length <= PlaintextKey.MaxLength ? stackalloc byte[PlaintextKey.MaxLength] : new byte[key.Length];
        var length = System.Text.Encoding.ASCII.GetBytes(key.Expose(), ascii);
        Span<byte> hash = stackalloc byte[LookupHash.Size];
        var hmac = _hmac.Value!;
        hmac.AppendData(ascii[..length]);
        hmac.GetHashAndReset(hash);
        return LookupHash.From(hash);
    }

    public void Dispose() => _hmac.Dispose();

    public override string ToString() => $"pepper {Id}";
}
