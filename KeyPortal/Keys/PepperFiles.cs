using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using KeyPortal.Storage;

namespace KeyPortal.Keys;

/// <summary>
/// The peppers in the data directory: <c>pepper-0001-3f9a02bc</c>, mode 0600, 32 bytes each. The number says which is newest, the rest that two instances'
/// peppers are never taken for the same.
/// </summary>
public sealed partial class PepperFiles(DataDirectory data, ILogger<PepperFiles> log)
{
    private const string Prefix = "pepper-";
    private const string Unfinished = "unfinished-";

    /// <summary>All peppers, the newest first. What an interrupted <see cref="Prepare"/> left is dropped; a file that is no pepper is told and passed over.</summary>
    public IReadOnlyList<Pepper> Read()
    {
        Array.ForEach(Directory.GetFiles(data.Path, Unfinished + Prefix + "*"), File.Delete);
        List<(int Number, Pepper Pepper)> peppers = [];
        foreach (var path in Directory.GetFiles(data.Path, Prefix + "*"))
        {
            var id = Path.GetFileName(path)[Prefix.Length..];
            var content = File.ReadAllBytes(path);
            if (NumberOf(id) is { } number && content.Length == Pepper.Size)
            {
                peppers.Add((number, new Pepper(id, content)));
            }
            else
            {
                // Half a pepper found no key yet, and keys are found without one: no reason not to start.
                Log.NoPepper(log, path, content.Length);
            }
        }

        return [.. peppers.OrderByDescending(p => p.Number).ThenByDescending(p => p.Pepper.Id, StringComparer.Ordinal).Select(p => p.Pepper)];
    }

    /// <summary>Puts a new pepper on the disk under a name that does not count yet.</summary>
    public Pepper Prepare()
    {
        var newest = Directory.GetFiles(data.Path, Prefix + "*").Max(path => NumberOf(Path.GetFileName(path)[Prefix.Length..])) ?? 0;
        var id = $"{newest + 1:D4}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        var content = RandomNumberGenerator.GetBytes(Pepper.Size);
        DataDirectory.WriteSecret(PathOf(id, Unfinished), content);
        return new Pepper(id, content);
    }

    /// <summary>Makes a prepared pepper count. A rename happens or does not: no start ever finds half a pepper.</summary>
    public void Finish(Pepper pepper) => File.Move(PathOf(pepper.Id, Unfinished), PathOf(pepper.Id), overwrite: false);

    public void Delete(Pepper pepper) => File.Delete(PathOf(pepper.Id));

    private static int? NumberOf(string id) => Form().Match(id) is { Success: true } match ? int.Parse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : null;

    private string PathOf(string id, string before = "") => data.File(before + Prefix + id);

    [GeneratedRegex(@"^(?<number>[0-9]{4,8})-[0-9a-f]{8}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Form();

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{File} is no pepper, for its name or its size ({Size} bytes) is another; it is passed over. Delete it, or restore it from a backup")]
        public static partial void NoPepper(ILogger logger, string file, int size);
    }
}
