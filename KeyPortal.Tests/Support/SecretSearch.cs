using System.Buffers.Text;
using System.Text;

namespace KeyPortal.Tests.Support;

/// <summary>
/// Looks for a secret in bytes, in every form in which a careless program leaves one: as text (UTF-8, UTF-16), percent-encoded, in hex, in base64 at
/// any place of a longer run.
/// </summary>
public sealed class SecretSearch
{
    private readonly Dictionary<string, byte[]> _needles = [];

    public SecretSearch Add(string name, string secret)
    {
        AddText($"{name} as text", secret);
        AddText($"{name} percent-encoded", Uri.EscapeDataString(secret));
        AddText($"{name} as a form's field", Uri.EscapeDataString(secret).Replace("%20", "+", StringComparison.Ordinal));
        return Add($"{name} in UTF-8", Encoding.UTF8.GetBytes(secret)).Add($"{name} in UTF-16", Encoding.Unicode.GetBytes(secret));
    }

    public SecretSearch Add(string name, byte[] secret)
    {
        _needles[name] = secret;
        AddText($"{name} in hex", Convert.ToHexStringLower(secret));
        AddText($"{name} in upper-case hex", Convert.ToHexString(secret));
        for (var before = 0; before < 3; before++)
        {
            // What comes before shifts the six-bit groups. Characters that carry bits of a neighbour are left out at both ends.
            byte[] shifted = [.. new byte[before], .. secret];
            var whole = (((before * 8) + 5) / 6)..(shifted.Length * 8 / 6);
            AddText($"{name} in base64, {before} bytes in", Convert.ToBase64String(shifted)[whole]);
            AddText($"{name} in base64 for addresses, {before} bytes in", Base64Url.EncodeToString(shifted)[whole]);
        }

        return this;
    }

    /// <summary>The forms that are in <paramref name="content"/>.</summary>
    public IReadOnlyList<string> Find(byte[] content) => [.. _needles.Where(n => content.AsSpan().IndexOf(n.Value) >= 0).Select(n => n.Key)];

    public void ShouldFindNothing(string text, string where) => Find(Encoding.UTF8.GetBytes(text)).ShouldBeEmpty(where);

    /// <summary>Reads every file of a directory, of a running instance too, and returns their names.</summary>
    public async Task<IReadOnlyList<string>> ShouldFindNothingInAsync(string directory)
    {
        List<string> searched = [];
        foreach (var path in Directory.GetFiles(directory, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(directory, path);
            if (name == "lock")
            {
                new FileInfo(path).Length.ShouldBe(0, "the lock, which cannot be read while it is held, is empty");
                continue;
            }

            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var content = new MemoryStream();
            await file.CopyToAsync(content);
            Find(content.ToArray()).ShouldBeEmpty(name);
            searched.Add(name);
        }

        return searched;
    }

    private void AddText(string name, string text)
    {
        _needles[name] = Encoding.UTF8.GetBytes(text);
        _needles[name + ", UTF-16"] = Encoding.Unicode.GetBytes(text);
        _needles[name + ", UTF-16 big-endian"] = Encoding.BigEndianUnicode.GetBytes(text);
    }
}
