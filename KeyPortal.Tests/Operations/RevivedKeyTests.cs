using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Operations;

/// <summary>What a restore does about keys that were revoked after the backup: docs/decisions/0010-restore-and-revocations.md.</summary>
public sealed class RevivedKeyTests
{
    private static readonly PreparedData<(string ManagementKey, string Key, string KeyId)> Revoked = new(RevokeAfterBackupAsync);
    private readonly string _data = PortalProcess.NewDataDirectory();
    private string _managementKey = "";
    private string _key = "";
    private string _keyId = "";

    private string Backup => BackupBeside(_data);

    [Fact]
    public async Task A_key_revoked_after_the_backup_stays_revoked_and_is_named()
    {
        await RevokeAfterBackupAsync();

        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, ["restore", Backup]);

        exitCode.ShouldBe(0, stderr);
        stdout.ShouldContain("They stay revoked");
        stdout.ShouldContain(_keyId);
        stdout.ShouldContain("Stolen");
        (await CodeAsync()).ShouldBe("revoked");
        var entry = StoredAudit.Read(_data).ShouldBeGapless().Single(e => e.Action == "key.revoked");
        entry.TargetId.ShouldBe(_keyId);
        entry.Json["details"]!["carried_over_a_restore"]!.GetValue<bool>().ShouldBeTrue();
        entry.Json["details"]!["reason"]!.GetValue<string>().ShouldBe("key_compromise");
        entry.Json["actor"]!["type"]!.GetValue<string>().ShouldBe("system");
    }

    [Fact]
    public async Task Who_accepts_revived_keys_gets_the_backup_as_it_was_and_their_names()
    {
        await RevokeAfterBackupAsync();

        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, ["restore", Backup, "--accept-revived-keys"]);

        exitCode.ShouldBe(0, stderr);
        stdout.ShouldContain("THEY WORK AGAIN");
        stdout.ShouldContain(_keyId);
        (await CodeAsync()).ShouldBe("valid");
    }

    [Fact]
    public async Task Where_the_present_data_cannot_be_read_nothing_is_restored_unasked()
    {
        await RevokeAfterBackupAsync();
        await File.WriteAllTextAsync(Path.Combine(_data, "keyportal.db"), string.Concat(Enumerable.Repeat("no database ", 1000)));

        var (exitCode, _, stderr) = await PortalProcess.RunAsync(_data, ["restore", Backup]);

        exitCode.ShouldBe(1);
        stderr.ShouldContain("--accept-revived-keys");
        (await File.ReadAllTextAsync(Path.Combine(_data, "keyportal.db"))).ShouldStartWith("no database");
        (await PortalProcess.RunAsync(_data, ["restore", Backup, "--accept-revived-keys"])).ExitCode.ShouldBe(0);
        (await CodeAsync()).ShouldBe("valid");
    }

    [Fact]
    public async Task After_an_interrupted_restore_no_server_starts_and_another_restore_completes_it()
    {
        await RevokeAfterBackupAsync();
        var aside = Path.Combine(_data, "replaced-then");
        Directory.CreateDirectory(aside);
        File.Move(Path.Combine(_data, "keyportal.db"), Path.Combine(aside, "keyportal.db"));
        await File.WriteAllTextAsync(Path.Combine(_data, "restoring"), aside);

        var leftBehind = Directory.CreateDirectory(Path.Combine(_data, "restoring-then")).FullName;
        await File.WriteAllTextAsync(Path.Combine(leftBehind, "pepper-0001"), "a copy of the secret");

        var (exitCode, _, stderr) = await PortalProcess.RunAsync(_data, ["--urls=http://127.0.0.1:0"]);
        (exitCode, stderr.Trim().Split('\n').Length).ShouldBe((1, 1), stderr);
        stderr.ShouldContain("A restore was interrupted");

        var again = (await PortalProcess.RunAsync(_data, ["restore", Backup])).Stdout;
        again.ShouldContain("They stay revoked");
        again.ShouldContain($"What it replaced is in {aside}.");
        Directory.Exists(leftBehind).ShouldBeFalse();
        (await CodeAsync()).ShouldBe("revoked");
    }

    private static string BackupBeside(string data) => Path.Combine(Path.GetDirectoryName(data)!, "one.zip");

    private async Task RevokeAfterBackupAsync() => (_managementKey, _key, _keyId) = await Revoked.CopyAsync(_data);

    private static async Task<(string ManagementKey, string Key, string KeyId)> RevokeAfterBackupAsync(string data)
    {
        var managementKey = (await PortalProcess.BootstrapAsync(data))["management_key"]!.GetValue<string>();
        await using var portal = await PortalProcess.ServeAsync(data);
        var client = new Client(portal.Client, managementKey);
        var created = (await client.PostAsync(Client.Keys, new JsonObject { ["name"] = "Stolen" })).Is(HttpStatusCode.Created);
        (await PortalProcess.RunAsync(data, ["backup", BackupBeside(data)])).ExitCode.ShouldBe(0);
        (await client.PostAsync($"{Client.Keys}/{created.Text("id")}/revoke", new JsonObject { ["reason"] = "key_compromise" })).Is(HttpStatusCode.OK);
        (await portal.StopAsync()).ShouldBe(0);
        return (managementKey, created.Text("key"), created.Text("id"));
    }

    private async Task<string> CodeAsync()
    {
        await using var portal = await PortalProcess.ServeAsync(_data);
        var decision = (await new Client(portal.Client, _managementKey).PostAsync($"{Client.Keys}/validate", new JsonObject { ["key"] = _key })).Is(HttpStatusCode.OK);
        (await portal.StopAsync()).ShouldBe(0);
        return decision.Code;
    }
}
