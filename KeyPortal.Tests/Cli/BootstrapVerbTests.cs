using System.Net;
using KeyPortal.Tests.Api;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Cli;

public sealed class BootstrapVerbTests
{
    private static readonly string[] Words = ["bootstrap", "--organization", "Acme", "--email", "a@acme.example", "--password-stdin"];
    private readonly string _data = PortalProcess.NewDataDirectory();

    [Fact]
    public async Task It_prints_one_line_of_JSON_with_a_live_key_that_manages_keys()
    {
        var (exitCode, stdout, _) = await PortalProcess.RunAsync(_data, Words, Cast.Password + "\n");

        exitCode.ShouldBe(0);
        stdout.Trim().Split('\n').Length.ShouldBe(1, stdout);
        var made = System.Text.Json.Nodes.JsonNode.Parse(stdout)!;
        made["management_key"]!.GetValue<string>().ShouldStartWith("sk_live_");
        made["organization_id"]!.GetValue<string>().ShouldStartWith("org_");
        made["user_id"]!.GetValue<string>().ShouldStartWith("usr_");
        made["email"]!.GetValue<string>().ShouldBe("a@acme.example");

        await using var portal = await PortalProcess.ServeAsync(_data);
        portal.Output.ShouldNotContain("set-up");
        var listed = (await new Client(portal.Client, made["management_key"]!.GetValue<string>()).GetAsync(Client.Keys)).Is(HttpStatusCode.OK);
        var own = listed.Json!["data"]!.AsArray().Single()!;
        own["scopes"]!.AsArray().Count.ShouldBe(5);
        own["expires_at"].ShouldBeNull();
    }

    [Fact]
    public async Task A_policy_that_forbids_eternal_keys_bounds_this_one_too()
    {
        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, Words, Cast.Password, ("KeyPortal__Policy__MaxLifetimeSeconds", "86400"));
        exitCode.ShouldBe(0, stderr);

        await using var portal = await PortalProcess.ServeAsync(_data);
        var key = System.Text.Json.Nodes.JsonNode.Parse(stdout)!["management_key"]!.GetValue<string>();
        var own = (await new Client(portal.Client, key).GetAsync(Client.Keys)).Json!["data"]!.AsArray().Single()!;
        var life = own["expires_at"]!.GetValue<DateTimeOffset>() - own["created_at"]!.GetValue<DateTimeOffset>();
        life.ShouldBeInRange(TimeSpan.FromHours(23), TimeSpan.FromDays(1));
    }

    [Fact]
    public async Task An_instance_is_set_up_once()
    {
        await PortalProcess.BootstrapAsync(_data);

        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, Words, Cast.Password);

        (exitCode, stdout).ShouldBe((1, ""));
        stderr.Trim().ShouldBe("This instance is set up already. Sign in instead.");
    }

    [Fact]
    public async Task A_short_password_is_refused_and_nothing_is_made()
    {
        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, Words, "short\n");

        (exitCode, stdout).ShouldBe((1, ""));
        stderr.Trim().ShouldBe("A password has 12 to 128 characters.");
        await PortalProcess.BootstrapAsync(_data);
    }

    [Fact]
    public async Task It_is_refused_while_a_server_runs()
    {
        await using var portal = await PortalProcess.ServeAsync(_data);

        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, Words, Cast.Password);

        (exitCode, stdout).ShouldBe((1, ""));
        stderr.ShouldContain("in use by another KeyPortal process");
    }
}
