namespace KeyPortal.Tests.Architecture;

public sealed class FileSizeTests
{
    private static readonly string[] Projects = ["KeyPortal", "KeyPortal.Tests", "KeyPortal.E2E", "KeyPortal.Bench"];

    [Fact]
    public void No_file_is_longer_than_300_lines_and_no_markup_than_150() =>
        Projects.Where(project => Directory.Exists(Path.Combine(SourceTree.Root, project)))
            .SelectMany(SourceTree.Files)
            .SelectMany(file => TooLong(file, File.ReadAllLines(Path.Combine(SourceTree.Root, file))))
            .ShouldBeEmpty();

    [Theory]
    [InlineData("X.cs", 300, null, 0)]
    [InlineData("X.cs", 301, null, 1)]
    [InlineData("X.razor", 150, null, 0)]
    [InlineData("X.razor", 151, null, 1)]
    [InlineData("X.razor", 300, 150, 0)]
    [InlineData("X.razor", 301, 150, 1)]
    [InlineData("X.razor", 200, 151, 1)]
    public void A_file_that_is_too_long_is_noticed(string file, int lines, int? codeAt, int offences) =>
        TooLong(file, [.. Enumerable.Range(0, lines).Select(i => i == codeAt ? "@code {" : "x")]).Count().ShouldBe(offences);

    private static IEnumerable<string> TooLong(string file, string[] lines)
    {
        if (lines.Length > 300)
        {
            yield return $"{file} has {lines.Length} lines.";
        }

        var markup = file.EndsWith(".razor", StringComparison.Ordinal) ? lines.TakeWhile(line => !line.StartsWith("@code", StringComparison.Ordinal)).Count() : 0;
        if (markup > 150)
        {
            yield return $"{file} has {markup} lines of markup.";
        }
    }
}
