using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Description;

/// <summary>The OpenAPI document before two linters that know nothing of KeyPortal.</summary>
public sealed class LintTests : IAsyncLifetime
{
    private readonly Portal _portal = new();
    private string _folder = null!;

    public async ValueTask InitializeAsync()
    {
        _folder = await Judges.GatherAsync();
        using var http = _portal.CreateClient();
        await File.WriteAllTextAsync(Path.Combine(_folder, "openapi.json"), await http.GetStringAsync("/openapi/v1.json"));
    }

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Spectral_finds_nothing_not_even_a_hint()
    {
        var (exitCode, said) = await SpectralAsync();

        exitCode.ShouldBe(0, said);
        said.ShouldContain("No results");
    }

    [Fact]
    public async Task Redocly_finds_nothing()
    {
        var (exitCode, said) = await Judges.RunAsync(_folder, ["redocly.mjs", "openapi.json"]);

        exitCode.ShouldBe(0, said);
        said.ShouldContain("0 problems");
    }

    [Fact]
    public async Task Both_find_what_is_wrong()
    {
        var file = Path.Combine(_folder, "openapi.json");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("\"operationId\": \"listKeys\"", "\"operationId\": \"getKey\"", StringComparison.Ordinal));

        (await SpectralAsync()).Said.ShouldContain("operation-operationId-unique");
        (await Judges.RunAsync(_folder, ["redocly.mjs", "openapi.json"])).Said.ShouldContain("operation-operationId-unique");
    }

    private Task<(int ExitCode, string Said)> SpectralAsync() =>
        Judges.RunAsync(_folder, ["node_modules/@stoplight/spectral-cli/dist/index.js", "lint", "--ruleset", "spectral.yaml", "--fail-severity", "hint", "openapi.json"]);
}
