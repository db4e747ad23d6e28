using System.Net;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Cli;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class PepperVerbTests
{
    private readonly string _data = PortalProcess.NewDataDirectory();

    [Fact]
    public async Task A_pepper_is_added_used_and_the_old_one_retired_and_a_backup_holds_them_all()
    {
        var key = (await PortalProcess.BootstrapAsync(_data))["management_key"]!.GetValue<string>();
        var old = Peppers(_data).ShouldHaveSingleItem();

        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, ["pepper", "add"]);

        exitCode.ShouldBe(0, stderr);
        var added = Peppers(_data).Except([old]).ShouldHaveSingleItem();
        stdout.ShouldBe($"Keys are indexed under the pepper {added} from the next start on.\n");
        (await RetireAsync(old)).ShouldBe((1, "",
            $"1 secret is still indexed under {old}. Without it each is found by its start and checked slowly once, at its next use. To retire it all the same, add --force.\n"));
        var backup = _data + ".zip";
        (await PortalProcess.RunAsync(_data, ["backup", backup, "--secrets"])).ExitCode.ShouldBe(0);
        await using (var portal = await PortalProcess.ServeAsync(_data))
        {
            await ShouldKnowAsync(portal, key);
            (await PortalProcess.RunAsync(_data, ["pepper", "add"])).Stderr.ShouldContain("in use by another KeyPortal process");
            (await portal.StopAsync()).ShouldBe(0);
        }

        (await RetireAsync(old)).ShouldBe((0, $"The pepper {old} is deleted; 0 secrets were indexed under it.\n", ""));
        Peppers(_data).ShouldBe([added]);
        (await PortalProcess.RunAsync(_data, ["restore", backup])).ExitCode.ShouldBe(0);
        Peppers(_data).ShouldBe([old, added]);
        Directory.GetFiles(_data, "pepper-*").ShouldAllBe(f => File.GetUnixFileMode(f) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        await using var restored = await PortalProcess.ServeAsync(_data);
        await ShouldKnowAsync(restored, key);
    }

    [Theory]
    [InlineData(2, "pepper")]
    [InlineData(2, "pepper", "retire")]
    [InlineData(2, "pepper", "add", "now")]
    [InlineData(1, "pepper", "add")]
    [InlineData(1, "pepper", "retire", "0001-00000000")]
    public async Task Wrong_use_and_a_folder_without_an_instance_make_nothing(int expected, params string[] words)
    {
        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, words);

        exitCode.ShouldBe(expected, stdout);
        stderr.ShouldNotBeEmpty();
        Directory.Exists(_data).ShouldBeFalse();
    }

    private Task<(int ExitCode, string Stdout, string Stderr)> RetireAsync(string id) => PortalProcess.RunAsync(_data, ["pepper", "retire", id]);

    private static async Task ShouldKnowAsync(PortalProcess portal, string key) => (await new Client(portal.Client, key).GetAsync("/api/v1/auth/key")).Is(HttpStatusCode.OK);

    private static IEnumerable<string> Peppers(string data) => Directory.GetFiles(data, "pepper-*").Select(f => Path.GetFileName(f)["pepper-".Length..]).Order(StringComparer.Ordinal);
}
