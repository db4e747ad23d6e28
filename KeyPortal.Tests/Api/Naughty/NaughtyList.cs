using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KeyPortal.Tests.Api.Naughty;

/// <summary>The 461 texts of the Big List of Naughty Strings, and what an answer to any of them must be like.</summary>
internal static class NaughtyList
{
    public static readonly IReadOnlyList<string> All = Read();

    /// <summary>Is it free text of so many code points, or fewer?</summary>
    public static bool Fits(string text, int least, int most)
    {
        var runes = text.EnumerateRunes().ToList();
        return runes.Count <= most && (least == 0 || runes.Exists(r => !Rune.IsWhiteSpace(r))) && !runes.Exists(r => r.Value == 0);
    }

    /// <summary>What is wrong with an answer: an error of the server's, or a refusal that does not say where.</summary>
    public static IEnumerable<string> FaultsOf(string what, string text, Answer answer)
    {
        var said = $"{what} with {JsonSerializer.Serialize(text)}: {(int)answer.Status} {answer.Json?.ToJsonString()}";
        if ((int)answer.Status >= 500 || (int)answer.Status is >= 300 and < 400)
        {
            yield return said;
        }
        else if (answer.Status == HttpStatusCode.UnprocessableEntity && answer.Code == "validation_failed" && !answer.Pointers.StartsWith('/'))
        {
            yield return $"Nowhere: {said}";
        }
    }

    /// <summary>Sends every text in every place, and names all that is answered wrongly.</summary>
    public static async Task SweepAsync(params (string What, Func<string, Task<Answer>> Send)[] places)
    {
        List<string> faults = [];
        foreach (var text in All)
        {
            foreach (var (what, send) in places)
            {
                faults.AddRange(FaultsOf(what, text, await send(text)));
            }
        }

        faults.Take(5).ShouldBeEmpty();
    }

    private static IReadOnlyList<string> Read()
    {
        using var stream = typeof(NaughtyList).Assembly.GetManifestResourceStream("blns.json")!;
        return [.. JsonNode.Parse(stream)!.AsArray().Select(text => text!.GetValue<string>())];
    }
}
