using System.Net;
using KeyPortal.Tests.Support;

namespace KeyPortal.Tests.Cli;

public sealed class UsersVerbTests
{
    private const string New = "seven quiet lamps burn";
    private static readonly string[] Words = ["users", "reset-password", PortalProcess.Email, "--password-stdin"];
    private readonly string _data = PortalProcess.NewDataDirectory();

    [Fact]
    public async Task The_last_owner_gets_a_new_password_from_the_server()
    {
        var made = await PortalProcess.BootstrapAsync(_data);

        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, Words, New + "\n");

        (exitCode, stderr).ShouldBe((0, ""));
        stdout.Trim().ShouldBe("The password is set and all sessions of the account are ended.");
        await using var portal = await PortalProcess.ServeAsync(_data);
        using var visitor = new FormVisitor(portal.Client.BaseAddress!);
        (await visitor.SignInAsync(PortalProcess.Email, Cast.Password)).ShouldBe(HttpStatusCode.Unauthorized);
        (await visitor.SignInAsync(PortalProcess.Email, New)).ShouldBe(HttpStatusCode.Redirect);
        (await visitor.ShowRecoveryCodeAsync(made["recovery_codes"]![0]!.GetValue<string>())).ShouldBe(HttpStatusCode.Redirect);
        (await visitor.ReadAsync("/audit-log")).ShouldContain("member.password_reset");
    }

    [Fact]
    public async Task What_cannot_be_is_said_in_a_line()
    {
        await PortalProcess.BootstrapAsync(_data);

        (await PortalProcess.RunAsync(_data, ["users", "reset-password", "nobody@acme.example", "--password-stdin"], New)).ShouldBe((1, "", "No account has this e-mail address.\n"));
        (await PortalProcess.RunAsync(_data, Words, "short")).ShouldBe((1, "", "A password has 12 to 128 characters.\n"));
        await using var portal = await PortalProcess.ServeAsync(_data);
        var (exitCode, _, stderr) = await PortalProcess.RunAsync(_data, Words, New);
        exitCode.ShouldBe(1);
        stderr.ShouldContain("in use by another KeyPortal process");
    }

    [Fact]
    public async Task Who_lost_every_second_factor_signs_in_with_the_password_alone_again()
    {
        await PortalProcess.BootstrapAsync(_data);

        var (exitCode, stdout, stderr) = await PortalProcess.RunAsync(_data, ["users", "reset-2fa", PortalProcess.Email.ToUpperInvariant()]);

        (exitCode, stderr).ShouldBe((0, ""));
        stdout.Trim().ShouldBe("The second factors are removed and all sessions of the account are ended.");
        await using var portal = await PortalProcess.ServeAsync(_data);
        using var visitor = new FormVisitor(portal.Client.BaseAddress!);
        (await visitor.SignInAsync(PortalProcess.Email, Cast.Password)).ShouldBe(HttpStatusCode.Redirect);
        (await visitor.ReadAsync("/audit-log")).ShouldContain("second_factor.reset");

        (await PortalProcess.RunAsync(_data, ["users", "reset-2fa", PortalProcess.Email])).Stderr.ShouldContain("in use by another KeyPortal process");
        (await PortalProcess.RunAsync(PortalProcess.NewDataDirectory(), ["users", "reset-2fa", "nobody@acme.example"])).Stderr.Trim().ShouldBe("There is no such account.");
    }
}
