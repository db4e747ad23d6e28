using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace KeyPortal.Primitives;

/// <summary>What one Argon2id hash costs: KiB of memory, passes over it, lanes.</summary>
public readonly record struct Argon2idCost(long MemoryKib, long Passes, long Lanes);

/// <summary>
/// Argon2id (RFC 9106) in the form <c>$argon2id$v=19$m=19456,t=2,p=1$salt$hash</c>, by the libsodium of the machine: the framework has none, and one's own
/// would be both slow and unproven. Without the library nothing here works but <see cref="IsAvailable"/> and <see cref="TryRead"/>.
/// </summary>
public sealed partial class Argon2id
{
    /// <summary>What to tell whoever runs a machine that lacks the library.</summary>
    public const string HowToInstall = "Argon2id needs the library libsodium, which this machine lacks. Install the package libsodium23 (Debian, Ubuntu) or libsodium (Fedora, Alpine, Homebrew, vcpkg).";

    // OWASP's Password Storage Cheat Sheet: at least 19 MiB and two passes.
    private const ulong Passes = 2;
    private const ulong MemoryBytes = 19 * 1024 * 1024;
    private const int AlgorithmArgon2id13 = 2;

    /// <summary>crypto_pwhash_STRBYTES, its closing zero included.</summary>
    private const int MaxBytes = 128;

    private readonly Lazy<Functions?> _functions;

    /// <param name="library">The library's name or path; null or empty for the system's.</param>
    public Argon2id(string? library) => _functions = new(() => Load(library));

    public bool IsAvailable => _functions.Value is not null;

    public string Hash(string secret)
    {
        var (hash, bytes) = (new byte[MaxBytes], Encoding.UTF8.GetBytes(secret));
        return Loaded.Hash(hash, bytes, (ulong)bytes.Length, Passes, (nuint)MemoryBytes, AlgorithmArgon2id13) == 0
            ? Encoding.ASCII.GetString(hash, 0, Array.IndexOf(hash, (byte)0))
            : throw new InvalidOperationException("There is too little memory for one Argon2id hash (19 MiB).");
    }

    public bool Verify(string secret, string hash)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        return Padded(hash) is { } padded && Loaded.Verify(padded, bytes, (ulong)bytes.Length) == 0;
    }

    /// <summary>Can the library read this hash at all? It answers -1 for a form it does not know.</summary>
    public bool IsReadable(string hash) => Padded(hash) is { } padded && Loaded.NeedsRehash(padded, Passes, (nuint)MemoryBytes) != -1;

    /// <summary>
    /// Reads a hash that another program made into the one spelling that the library takes: some write their parameters in another order. False for anything
    /// that has not the form of one.
    /// </summary>
    public static bool TryRead(string text, out string hash, out Argon2idCost cost)
    {
        (hash, cost) = ("", default);
        if (Form().Match(text) is not { Success: true } match)
        {
            return false;
        }

        var parameters = match.Groups["parameter"].Captures.Select(p => p.Value.Split('=')).ToLookup(p => p[0], p => long.Parse(p[1], NumberStyles.None, CultureInfo.InvariantCulture), StringComparer.Ordinal);
        if (parameters.Count != 3)
        {
            return false;
        }

        cost = new Argon2idCost(parameters["m"].Single(), parameters["t"].Single(), parameters["p"].Single());
        hash = $"$argon2id$v=19$m={cost.MemoryKib},t={cost.Passes},p={cost.Lanes}${match.Groups["rest"].Value}";
        return true;
    }

    private Functions Loaded => _functions.Value ?? throw new InvalidOperationException(HowToInstall);

    private static byte[]? Padded(string hash)
    {
        if (hash.Length >= MaxBytes)
        {
            return null;
        }

        var padded = new byte[MaxBytes];
        Encoding.ASCII.GetBytes(hash, padded);
        return padded;
    }

    private static Functions? Load(string? library)
    {
        foreach (var candidate in string.IsNullOrEmpty(library) ? SystemLibraries() : [library])
        {
            if (NativeLibrary.TryLoad(candidate, out var handle))
            {
                T Export<T>(string name) => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(handle, name));
                Export<SodiumInit>("sodium_init")();
                return new Functions(Export<PwhashStrAlg>("crypto_pwhash_str_alg"), Export<PwhashStrVerify>("crypto_pwhash_str_verify"), Export<PwhashStrNeedsRehash>("crypto_pwhash_str_needs_rehash"));
            }
        }

        return null;
    }

    // 23 is libsodium 1.0.18 (Debian 12), 26 is 1.0.19 and later.
    private static string[] SystemLibraries() =>
        OperatingSystem.IsWindows() ? ["libsodium.dll"]
        : OperatingSystem.IsMacOS() ? ["/opt/homebrew/lib/libsodium.dylib", "/usr/local/lib/libsodium.dylib", "libsodium.dylib"]
        : ["libsodium.so.23", "libsodium.so.26"];

    private sealed record Functions(PwhashStrAlg Hash, PwhashStrVerify Verify, PwhashStrNeedsRehash NeedsRehash);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int SodiumInit();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int PwhashStrAlg(byte[] hash, byte[] secret, ulong secretLength, ulong passes, nuint memoryBytes, int algorithm);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int PwhashStrVerify(byte[] hash, byte[] secret, ulong secretLength);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int PwhashStrNeedsRehash(byte[] hash, ulong passes, nuint memoryBytes);

    [GeneratedRegex(@"^\$argon2id\$v=19\$(?<parameter>[mtp]=[1-9][0-9]{0,9}),(?<parameter>[mtp]=[1-9][0-9]{0,9}),(?<parameter>[mtp]=[1-9][0-9]{0,9})\$(?<rest>[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{22,86})\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Form();
}
