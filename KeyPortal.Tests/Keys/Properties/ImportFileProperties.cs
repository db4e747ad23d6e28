using System.Text;
using FsCheck;
using FsCheck.Fluent;
using KeyPortal.Keys.Imports;

namespace KeyPortal.Tests.Keys.Properties;

/// <summary>A file that somebody picked may hold anything: its items come out, good or not, or it is refused. Never does it throw.</summary>
public sealed class ImportFileProperties
{
    private static readonly Gen<string> Csv = Judge.Garbage(
        "name,hash,algorithm\n", "name;hash\n", "metadata.a", "metadata", "metadata.", "hash", "key_id", "tags", "a|b", ",", ";", "\t", "\n", "\r\n", "\r", "\"", "\"\"", "x", "\0", "\ud800", "ü", "\ufeff", "|", " ", "=1+1");

    private static readonly Gen<string> Json = Judge.Garbage(
        "{\"keys\":[", "]}", "{", "}", "[", "]", "\"name\":", "\"hash\":", "\"x\"", "\"\\ud800\"", "\"tags\":", "\"metadata\":", "null", "1", "true", ",", "{\"algorithm\":\"sha256\"}", " ", "\0", "1e999", "\ud800");

    [Fact]
    public void Csv_never_throws() => Judge.Holds(Judge.Texts(Csv), text => IsReadOrRefused("keys.csv", Encoding.UTF8.GetBytes(text)), times: 5000);

    [Fact]
    public void Json_never_throws() => Judge.Holds(Judge.Texts(Json), text => IsReadOrRefused("keys.json", Encoding.UTF8.GetBytes(text)), times: 5000);

    [Fact]
    public void Bytes_never_throw() => Judge.Holds(
        Arb.From(Gen.ArrayOf(Gen.Choose(0, 255).Select(n => (byte)n))),
        bytes => IsReadOrRefused("keys.csv", bytes) && IsReadOrRefused("keys.json", bytes) && IsReadOrRefused("keys.json", [.. "{\"keys\":[{\"name\":\""u8, .. bytes, .. "\"}]}"u8]),
        times: 3000);

    private static bool IsReadOrRefused(string name, byte[] content)
    {
        var read = ImportFile.Read(name, content);
        return read.Refusal is not null || read.Value.All(item => item.Input is not null && item.Hash is not null);
    }
}
