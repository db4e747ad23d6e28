using System.Security.Cryptography;
using System.Text;

namespace KeyPortal.Setup;

/// <summary>
/// Proves that whoever opens the set-up page can also read the console: 128 random bits, new at each start, kept in memory only and dead once used.
/// Without it the first stranger to reach a fresh instance would own it.
/// </summary>
public sealed class SetupCode
{
    private byte[]? _code;

    /// <summary>Makes the code and returns it for the console, in groups that are easy to type.</summary>
    public string Issue()
    {
        var text = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        _code = Encoding.ASCII.GetBytes(text);
        return string.Join('-', text.Chunk(8).Select(group => new string(group)));
    }

    /// <summary>Compares in constant time; hyphens, spaces and case do not count.</summary>
    public bool Matches(string? typed)
    {
        var plain = Encoding.UTF8.GetBytes((typed ?? "").Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant());
        return _code is { } code && CryptographicOperations.FixedTimeEquals(code, plain);
    }

    public void Spend() => _code = null;
}
