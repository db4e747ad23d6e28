using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KeyPortal.Keys.Pages.Bulk;

/// <summary>A key with its new secret, until that is cleared.</summary>
public sealed record RevealedKey(string Id, string Name, KeyEnvironment Environment, RevealedSecret Secret);

/// <summary>A key that got no new secret, and why.</summary>
public sealed record UnrotatedKey(string Id, string Name, string Why);

/// <summary>What many keys got at once. Like <see cref="RevealedSecret"/> it is given to a dialog in place of the texts, and leaves nothing when it is cleared.</summary>
public sealed class RotatedKeys(IReadOnlyList<RevealedKey> rotated, IReadOnlyList<UnrotatedKey> left)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public IReadOnlyList<RevealedKey> Rotated { get; } = rotated;

    public IReadOnlyList<UnrotatedKey> Left { get; } = left;

    public void Clear()
    {
        foreach (var key in Rotated)
        {
            key.Secret.Clear();
        }
    }

    public override string ToString() => KeyWords.Count(Rotated.Count, "key", "keys");

    /// <summary><c>id,name,environment,start,key</c>, a line a key, as RFC 4180 has it.</summary>
    public string ToCsv()
    {
        var csv = new StringBuilder("id,name,environment,start,key\r\n");
        foreach (var key in Rotated)
        {
            csv.AppendJoin(',', new[] { key.Id, key.Name, KeyWords.Of(key.Environment), key.Secret.Start, key.Secret.Plaintext ?? "" }.Select(Cell)).Append("\r\n");
        }

        return csv.ToString();
    }

    public string ToJson() => new JsonArray([.. Rotated.Select(key => new JsonObject
    {
        ["id"] = key.Id,
        ["name"] = key.Name,
        ["environment"] = KeyWords.Of(key.Environment),
        ["start"] = key.Secret.Start,
        ["key"] = key.Secret.Plaintext,
    })]).ToJsonString(Indented) + "\n";

    /// <summary>
    /// Anybody may name a key <c>=HYPERLINK(…)</c>, and a spreadsheet would run it: such a name gets an apostrophe in front
    /// (https://owasp.org/www-community/attacks/CSV_Injection).
    /// </summary>
    private static string Cell(string text) =>
        $"\"{(text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" : "")}{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
