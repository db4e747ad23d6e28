using System.Collections.Frozen;
using System.IO.Compression;

namespace KeyPortal.Access;

/// <summary>
/// 49,000 passwords that attackers try first, in lower case, of 4 to 20 characters: the list of zxcvbn-ts (<c>@zxcvbn-ts/language-common</c> 4.1.3, MIT; its
/// licence lies beside it), which keeps the one of Dropbox's zxcvbn up to date.
/// </summary>
internal static class CommonPasswords
{
    public const int Shortest = 4;
    public const int Longest = 20;

    private static readonly Lazy<FrozenSet<string>> All = new(Read);

    public static bool Contains(ReadOnlySpan<char> lowerCase) =>
        lowerCase.Length is >= Shortest and <= Longest && All.Value.GetAlternateLookup<ReadOnlySpan<char>>().Contains(lowerCase);

    private static FrozenSet<string> Read()
    {
        using var packed = typeof(CommonPasswords).Assembly.GetManifestResourceStream("common-passwords.txt.gz") ?? throw new InvalidOperationException("The list of common passwords is missing.");
        using var reader = new StreamReader(new GZipStream(packed, CompressionMode.Decompress));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
    }
}
