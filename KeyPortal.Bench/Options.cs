namespace KeyPortal.Bench;

/// <summary><c>--name number</c> pairs behind a verb.</summary>
internal sealed class Options(IReadOnlyDictionary<string, int> given)
{
    public int Number(string name, int usual) => given.TryGetValue(name, out var number) ? number : usual;

    public static Options Parse(IEnumerable<string> words) =>
        new(words.Chunk(2).ToDictionary(
            pair => pair[0].StartsWith("--", StringComparison.Ordinal) ? pair[0][2..] : throw new ArgumentException($"{pair[0]} is no option."),
            pair => pair.Length == 2 && int.TryParse(pair[1], out var number) && number >= 0 ? number : throw new ArgumentException($"{pair[0]} wants a number.")));
}
