using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Operations;

public sealed class BackupTests
{
    private static readonly PreparedData<(string ManagementKey, string Key, string KeyId)> WithKey = new(MakeWithKeyAsync);
    private readonly string _data = PortalProcess.NewDataDirectory();

    private string Beside(string name) => Path.Combine(Path.GetDirectoryName(_data)!, name);

    [Fact]
    public async Task A_backup_taken_under_load_restores_to_a_state_that_was()
    {
        (string, string)[] settings = [("KeyPortal__Policy__KeysPerMember", "1000000"), ("KeyPortal__Api__RequestsPerMinute", "0")];
        var managementKey = (await PortalProcess.BootstrapAsync(_data, settings))["management_key"]!.GetValue<string>();
        await using (var portal = await PortalProcess.ServeAsync(_data, settings))
        {
            var client = new Client(portal.Client, managementKey);
            await CreateAsync(client, "Before");
            using var stop = new CancellationTokenSource();
            var load = Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await CreateAsync(client, "Load");
                }
            });
            (await PortalProcess.RunAsync(_data, ["backup", Beside("one.zip")])).ExitCode.ShouldBe(0);
            await stop.CancelAsync();
            await load;
            await CreateAsync(client, "After");
            (await portal.StopAsync()).ShouldBe(0);
        }

        StoredAudit.Read(_data).ShouldBeGapless().ShouldContain(e => e.OrganizationId == "instance" && e.Action == "backup.created");
        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, ["restore", Beside("one.zip")]);
        exitCode.ShouldBe(0, stderr);
        stdout.ShouldContain("replaced-");
        var entries = StoredAudit.Read(_data).ShouldBeGapless();
        entries.Where(e => e.Action == "key.created").Select(e => e.TargetId).Order().ShouldBe(StoredAudit.Keys(_data).All.Order());
        entries.ShouldContain(e => e.OrganizationId == "instance" && e.Action == "instance.restored");
        var names = entries.Where(e => e.Action == "key.created").Select(e => e.Json["target"]!["name"]!.GetValue<string>()).ToList();
        names.ShouldContain("Before");
        names.ShouldNotContain("After");

        await using var again = await PortalProcess.ServeAsync(_data, settings);
        await CreateAsync(new Client(again.Client, managementKey), "Goes on");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_backup_restored_elsewhere_validates_its_keys_with_the_pepper_or_without(bool secrets)
    {
        var (managementKey, key, _) = await InstanceWithKeyAsync();
        (await PortalProcess.RunAsync(_data, secrets ? ["backup", Beside("one.zip"), "--secrets"] : ["backup", Beside("one.zip")])).ExitCode.ShouldBe(0);

        var elsewhere = PortalProcess.NewDataDirectory();
        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(elsewhere, ["restore", Beside("one.zip")]);

        exitCode.ShouldBe(0, stderr);
        stdout.ShouldContain("nothing here to compare with");
        foreach (var kind in (string[])["pepper-*", "signing-key-*"])
        {
            File.Exists(Path.Combine(elsewhere, Path.GetFileName(Directory.GetFiles(_data, kind).Single()))).ShouldBe(secrets, kind);
        }

        await using var portal = await PortalProcess.ServeAsync(elsewhere);
        var client = new Client(portal.Client, managementKey);
        for (var i = 0; i < 2; i++)
        {
            (await ValidateAsync(client, key)).ShouldBe("valid");
        }
    }

    [Fact]
    public async Task A_backup_without_secrets_holds_databases_only()
    {
        await InstanceWithKeyAsync();

        (await PortalProcess.RunAsync(_data, ["backup", Beside("one.zip")])).ExitCode.ShouldBe(0);

        using var zip = ZipFile.OpenRead(Beside("one.zip"));
        zip.Entries.Select(e => e.FullName).Order().ShouldBe(["keyportal.db", "manifest.json", "usage.db"]);
    }

    [Fact]
    public async Task A_backup_never_overwrites_and_minds_what_another_left_behind()
    {
        await InstanceWithKeyAsync();
        await File.WriteAllTextAsync(Beside("taken.zip"), "precious");
        Directory.CreateDirectory(Beside("cut.zip.partial"));

        (await RefusedAsync("backup", Beside("taken.zip"))).ShouldContain("exists already");
        (await RefusedAsync("backup", Beside("cut.zip"))).ShouldContain("interrupted");
        (await RefusedAsync("backup", Beside("no/such/folder.zip"))).ShouldContain("does not exist");

        (await File.ReadAllTextAsync(Beside("taken.zip"))).ShouldBe("precious");
        File.Exists(Beside("cut.zip")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_folder_without_an_instance_is_not_backed_up_and_not_made()
    {
        (await RefusedAsync("backup", Beside("one.zip"))).ShouldContain("no instance");

        Directory.Exists(_data).ShouldBeFalse();
        File.Exists(Beside("one.zip")).ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_no_backup_or_a_damaged_one_is_refused_before_anything_is_touched()
    {
        var (managementKey, key, _) = await InstanceWithKeyAsync();
        (await PortalProcess.RunAsync(_data, ["backup", Beside("good.zip")])).ExitCode.ShouldBe(0);
        await File.WriteAllTextAsync(Beside("text.zip"), "This is no zip file.");
        Rewrite("swapped.zip", "keyportal.db", content => content[^100] ^= 1);
        Rewrite("silly.zip", "manifest.json", content => content.AsSpan().Fill((byte)' '));
        Rewrite("sly.zip", "manifest.json", content => Encoding.ASCII.GetBytes("../ge.db").CopyTo(content, content.AsSpan().IndexOf("usage.db"u8)));
        Rewrite("hollow.zip", "manifest.json", content => Encoding.ASCII.GetBytes(
            """{"format":"keyportal-backup/1","keyportal_version":"1","created_at":"2026-11-21T09:00:00Z","secrets":false,"files":[null],"audit_logs":[]}""".PadRight(content.Length)).CopyTo(content, 0));
        Rewrite("large.zip", "manifest.json", content => Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(content).Replace("\"size\": ", "\"size\":1", StringComparison.Ordinal)).CopyTo(content, 0));
        var cut = await File.ReadAllBytesAsync(Beside("good.zip"));
        await File.WriteAllBytesAsync(Beside("cut.zip"), cut[..(cut.Length / 2)]);

        foreach (var bad in (string[])["text.zip", "swapped.zip", "silly.zip", "sly.zip", "hollow.zip", "large.zip", "cut.zip", "absent.zip"])
        {
            (await RefusedAsync("restore", Beside(bad))).ShouldContain("Nothing was changed");
        }

        Directory.GetDirectories(_data).Select(Path.GetFileName).ShouldBe(["protection"]);
        await using var portal = await PortalProcess.ServeAsync(_data);
        (await ValidateAsync(new Client(portal.Client, managementKey), key)).ShouldBe("valid");
    }

    [Fact]
    public async Task A_restore_is_refused_while_a_server_runs()
    {
        await InstanceWithKeyAsync();
        (await PortalProcess.RunAsync(_data, ["backup", Beside("one.zip")])).ExitCode.ShouldBe(0);
        await using var portal = await PortalProcess.ServeAsync(_data);

        (await RefusedAsync("restore", Beside("one.zip"))).ShouldContain("in use by another KeyPortal process");
    }

    private async Task<string> RefusedAsync(params string[] words)
    {
        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, words);
        (exitCode, stdout).ShouldBe((1, ""), stderr);
        stderr.Trim().Split('\n').Length.ShouldBe(1, stderr);
        return stderr;
    }

    private Task<(string ManagementKey, string Key, string KeyId)> InstanceWithKeyAsync() => WithKey.CopyAsync(_data);

    private static async Task<(string ManagementKey, string Key, string KeyId)> MakeWithKeyAsync(string data)
    {
        var managementKey = (await PortalProcess.BootstrapAsync(data))["management_key"]!.GetValue<string>();
        await using var portal = await PortalProcess.ServeAsync(data);
        var created = await CreateAsync(new Client(portal.Client, managementKey), "A key");
        (await portal.StopAsync()).ShouldBe(0);
        return (managementKey, created.Text("key"), created.Text("id"));
    }

    private void Rewrite(string name, string entryName, Action<byte[]> change)
    {
        File.Copy(Beside("good.zip"), Beside(name));
        using var zip = ZipFile.Open(Beside(name), ZipArchiveMode.Update);
        using var content = zip.GetEntry(entryName)!.Open();
        var bytes = new byte[content.Length];
        content.ReadExactly(bytes);
        change(bytes);
        content.Position = 0;
        content.Write(bytes);
    }

    private static async Task<Answer> CreateAsync(Client client, string name) =>
        (await client.PostAsync(Client.Keys, new JsonObject { ["name"] = name })).Is(HttpStatusCode.Created);

    private static async Task<string> ValidateAsync(Client client, string key) =>
        (await client.PostAsync($"{Client.Keys}/validate", new JsonObject { ["key"] = key })).Is(HttpStatusCode.OK).Code;
}
