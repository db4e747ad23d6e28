using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Operations;

/// <summary>
/// A disk that takes nothing more, made with a limit on the size of files (setrlimit(2), RLIMIT_FSIZE) that is set on the running server and lifted
/// again: every write fails as it does on a full disk, and it needs no rights to mount anything.
/// </summary>
public sealed class FullDiskTests
{
    private readonly string _data = PortalProcess.NewDataDirectory();

    [Fact]
    public async Task Validation_goes_on_while_changes_are_refused_whole_and_all_is_well_once_there_is_room()
    {
        var managementKey = (await PortalProcess.BootstrapAsync(_data))["management_key"]!.GetValue<string>();
        await using var portal = await PortalProcess.ServeAsync(_data, ("KeyPortal__Api__RequestsPerMinute", "0"));
        var client = new Client(portal.Client, managementKey);
        var known = (await client.PostAsync(Client.Keys, new JsonObject { ["name"] = "Known" })).Is(HttpStatusCode.Created);
        await ValidateAsync(client, known.Text("key"));
        (await client.GetAsync("/healthz/ready")).Is(HttpStatusCode.OK)["status"].GetValue<string>().ShouldBe("ready");

        await LimitFilesAsync(portal, "1:");
        for (var i = 0; i < 200; i++)
        {
            await ValidateAsync(client, known.Text("key"));
        }

        var create = await client.PostAsync(Client.Keys, new JsonObject { ["name"] = "Never" });
        create.IsProblem(503, "storage_unavailable").Text("detail").ShouldContain("Nothing was changed");
        (await client.PostAsync($"{Client.Keys}/{known.Text("id")}/revoke")).IsProblem(503, "storage_unavailable");
        await Task.Delay(2100); // How long readiness keeps an answer.
        var notReady = (await client.GetAsync("/healthz/ready")).Is(HttpStatusCode.ServiceUnavailable);
        notReady.Text("database").ShouldBe("ok");
        notReady.Text("writes").ShouldContain("disk");
        (await client.GetAsync("/healthz/live")).Is(HttpStatusCode.OK);
        await ValidateAsync(client, known.Text("key"));

        await LimitFilesAsync(portal, "unlimited:");
        (await client.PostAsync(Client.Keys, new JsonObject { ["name"] = "After" })).Is(HttpStatusCode.Created);
        (await client.PostAsync($"{Client.Keys}/{known.Text("id")}/revoke")).Is(HttpStatusCode.OK);
        await Task.Delay(2100);
        (await client.GetAsync("/healthz/ready")).Is(HttpStatusCode.OK);

        var listed = (await client.GetAsync(Client.Keys)).Json!["data"]!.AsArray().Select(k => k!["name"]!.GetValue<string>());
        listed.Order().ShouldBe(["After", "Known", "Management key"]);
        (await portal.StopAsync()).ShouldBe(0);
        var entries = StoredAudit.Read(_data).ShouldBeGapless();
        entries.Count(e => e.Action == "key.created").ShouldBe(3);
        entries.Count(e => e.Action == "key.revoked").ShouldBe(1);
    }

    private static async Task ValidateAsync(Client client, string key) =>
        (await client.PostAsync($"{Client.Keys}/validate", new JsonObject { ["key"] = key })).Is(HttpStatusCode.OK).Code.ShouldBe("valid");

    private static async Task LimitFilesAsync(PortalProcess portal, string softAndHard)
    {
        using var prlimit = Process.Start("prlimit", ["--pid", portal.Id.ToString(), $"--fsize={softAndHard}"]);
        await prlimit.WaitForExitAsync();
        prlimit.ExitCode.ShouldBe(0);
    }
}
