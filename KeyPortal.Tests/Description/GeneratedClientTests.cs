using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Description;

/// <summary>A strict TypeScript program over types that a generator made of the document, against a real server.</summary>
public sealed class GeneratedClientTests
{
    [Fact]
    public async Task A_generated_client_compiles_and_leads_keys_through_their_life()
    {
        var folder = await Judges.GatherAsync();
        var data = PortalProcess.NewDataDirectory();
        var key = (await PortalProcess.BootstrapAsync(data))["management_key"]!.GetValue<string>();
        await using var portal = await PortalProcess.ServeAsync(data, ("KeyPortal__Policy__KeysPerMember", "1000"));
        var address = portal.Client.BaseAddress!.ToString().TrimEnd('/');

        var generated = await Judges.RunAsync(folder, ["node_modules/openapi-typescript/bin/cli.js", $"{address}/openapi/v1.json", "--output", "schema.d.ts"]);
        generated.ExitCode.ShouldBe(0, generated.Said);
        var compiled = await Judges.RunAsync(folder, ["node_modules/typescript/bin/tsc", "--project", "."]);
        compiled.ExitCode.ShouldBe(0, compiled.Said);
        var (exitCode, said) = await Judges.RunAsync(folder, ["built/generated.js"], ("BASE", address), ("KEY", key));

        exitCode.ShouldBe(0, said);
        said.ShouldEndWith("done\n");
        Directory.Delete(folder, recursive: true);
    }
}
