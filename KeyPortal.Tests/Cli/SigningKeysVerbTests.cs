using System.Net;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Cli;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class SigningKeysVerbTests
{
    private const string Jwks = "/.well-known/jwks.json";
    private readonly string _data = PortalProcess.NewDataDirectory();

    [Fact]
    public async Task A_rotated_key_signs_after_the_next_start_and_the_old_one_is_still_honoured()
    {
        await PortalProcess.BootstrapAsync(_data);
        string old;
        await using (var portal = await PortalProcess.ServeAsync(_data))
        {
            old = (await KidsAsync(portal)).Single();
            (await PortalProcess.RunAsync(_data, ["signing-keys", "rotate"])).ShouldBe((1, "", $"The data directory {_data} is in use by another KeyPortal process. Stop it first.\n"));
            (await portal.StopAsync()).ShouldBe(0);
        }

        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, ["signing-keys", "rotate"]);

        exitCode.ShouldBe(0, stderr);
        await using var again = await PortalProcess.ServeAsync(_data);
        var kids = await KidsAsync(again);
        kids.Count.ShouldBe(2);
        kids[1].ShouldBe(old);
        stdout.ShouldContain(kids[0]);
        var files = Directory.GetFiles(_data, "*signing-key-*");
        files.Length.ShouldBe(2);
        files.ShouldAllBe(f => File.GetUnixFileMode(f) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Theory]
    [InlineData(2, "signing-keys")]
    [InlineData(2, "signing-keys", "rotate", "now")]
    [InlineData(1, "signing-keys", "rotate")]
    public async Task Wrong_use_and_a_folder_without_an_instance_make_nothing(int expected, params string[] words)
    {
        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, words);

        exitCode.ShouldBe(expected, stdout);
        stderr.ShouldNotBeEmpty();
        Directory.Exists(_data).ShouldBeFalse();
    }

    private static async Task<IReadOnlyList<string>> KidsAsync(PortalProcess portal) =>
        [.. (await new Client(portal.Client, null).GetAsync(Jwks)).Is(HttpStatusCode.OK)["keys"].AsArray().Select(k => k!["kid"]!.GetValue<string>())];
}
