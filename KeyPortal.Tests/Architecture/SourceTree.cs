namespace KeyPortal.Tests.Architecture;

/// <summary>The repository's own source files, found from where the tests run.</summary>
internal static class SourceTree
{
    private static readonly string[] Generated = ["/bin/", "/obj/", "/Storage/Migrations/"];

    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>C# and Razor files under a folder of the repository, as paths from its root with forward slashes; generated ones left out.</summary>
    public static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(file => Path.GetExtension(file) is ".cs" or ".razor" && !Generated.Any(part => file.Contains(part, StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal);

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static string FindRoot(string from) =>
        File.Exists(Path.Combine(from, "KeyPortal.sln")) ? from
        : FindRoot(Path.GetDirectoryName(from.TrimEnd('/', '\\')) ?? throw new InvalidOperationException("No KeyPortal.sln above the tests."));
}
