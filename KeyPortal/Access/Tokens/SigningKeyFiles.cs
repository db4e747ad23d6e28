using System.Globalization;
using KeyPortal.Primitives;
using KeyPortal.Storage;

namespace KeyPortal.Access.Tokens;

/// <summary>
/// The signing keys in the data directory: <c>signing-key-20261121T090000000Z</c>, mode 0600, a private key in PEM each. The name says when it was made,
/// and with the name of the next one also when it stopped signing: nothing else is stored about a key.
/// </summary>
internal sealed class SigningKeyFiles(DataDirectory data)
{
    public const string Prefix = "signing-key-";
    private const string Unfinished = "unfinished-";
    private const string Stamp = "yyyyMMdd'T'HHmmssfff'Z'";

    /// <summary>All keys, the newest first. What an interrupted <see cref="Prepare"/> left is dropped.</summary>
    /// <exception cref="StartupException">A file is no key.</exception>
    public IReadOnlyList<SigningKey> Read()
    {
        Array.ForEach(Directory.GetFiles(data.Path, Unfinished + Prefix + "*"), File.Delete);
        List<SigningKey> keys = [];
        foreach (var path in Directory.GetFiles(data.Path, Prefix + "*"))
        {
            var isStamped = DateTimeOffset.TryParseExact(Path.GetFileName(path)[Prefix.Length..], Stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var createdAt);
            keys.Add(isStamped && SigningKey.TryRead(File.ReadAllText(path), createdAt) is { } key ? key
                : throw new StartupException($"{path} is no signing key. Restore it from a backup, or delete it: programs that are signed in then have to refresh their access tokens."));
        }

        return [.. keys.OrderByDescending(k => k.CreatedAt)];
    }

    /// <summary>Puts a new key on the disk under a name that does not count yet.</summary>
    public void Prepare(SigningKey key)
    {
        File.Delete(PathOf(key, Unfinished));
        DataDirectory.WriteSecret(PathOf(key, Unfinished), key.ToPem());
    }

    /// <summary>Makes a prepared key count. A rename happens or does not: no reader ever finds half a key.</summary>
    public void Finish(SigningKey key) => File.Move(PathOf(key, Unfinished), PathOf(key), overwrite: false);

    public void Delete(SigningKey key) => File.Delete(PathOf(key));

    private string PathOf(SigningKey key, string before = "") => data.File(before + Prefix + key.CreatedAt.UtcDateTime.ToString(Stamp, CultureInfo.InvariantCulture));
}
